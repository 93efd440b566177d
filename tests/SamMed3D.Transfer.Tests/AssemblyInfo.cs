// Torch's default generator, default device and thread teams are process-wide.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
