namespace SamMed3D.Transfer.Tests;

/// <summary>Counts the tensors that are alive in the process.</summary>
internal static class LiveTensors
{
    /// <summary>The count to compare with later: what earlier tests left to the finalizer is gone first, and cannot go in between.</summary>
    public static long Before()
    {
        long count;
        do
        {
            // What a finalizer lets go of is found by the next collection.
            count = Tensor.TotalCount;
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        while (count != Tensor.TotalCount);
        return count;
    }

    /// <summary>The count as it is: tensors that were forgotten rather than disposed still count.</summary>
    public static long Now => Tensor.TotalCount;
}
