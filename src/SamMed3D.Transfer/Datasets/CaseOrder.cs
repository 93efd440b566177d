namespace SamMed3D.Transfer;

/// <summary>
/// The order in which cases are drawn: shuffled anew for every pass, each case once a pass. The n-th draw is a function of the seed
/// and n alone. Safe for several threads.
/// </summary>
internal sealed class CaseOrder(int caseCount, long seed)
{
    private readonly int[] _order = new int[caseCount];
    private long _pass = -1;

    /// <summary>Which case is drawn n-th.</summary>
    public int this[long draw]
    {
        get
        {
            long pass = draw / caseCount;
            lock (_order)
            {
                if (pass != _pass)
                {
                    for (var index = 0; index < caseCount; index++)
                        _order[index] = index;
                    new RandomStream(seed, pass).Shuffle(_order.AsSpan());
                    _pass = pass;
                }

                return _order[draw % caseCount];
            }
        }
    }
}
