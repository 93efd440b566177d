namespace SamMed3D.Transfer.Cli;

/// <summary>Lets <c>compare --dry-run</c> build whatever network an arm has.</summary>
internal static class AnyModel
{
    extension(Unetr)
    {
        public static TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> Create(ModelOptions options) => options.Create();
    }
}
