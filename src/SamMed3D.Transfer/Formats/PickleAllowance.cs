namespace SamMed3D.Transfer;

/// <summary>
/// Work that a pickle may ask for, in proportion to its bytes in the file. A few bytes can ask for one large dict to be copied, or one
/// list of tensors to be walked, again and again; what torch.save writes stays far below this.
/// </summary>
internal sealed class PickleAllowance(long bytes)
{
    private long _left = (1 << 16) + 8 * bytes;

    /// <exception cref="InvalidDataException">The pickle asks for too much.</exception>
    public void Spend(long amount)
    {
        _left -= amount;
        if (_left < 0)
            throw new InvalidDataException("bad pickle: it asks for far more work than its size explains");
    }
}
