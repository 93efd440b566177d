namespace SamMed3D.Transfer;

/// <summary>
/// Finds tensors that pile up in a training: call <see cref="AfterStep"/> once a step. The smallest number of live tensors in <see cref="Window"/> steps
/// has to stop growing; single steps may have more, such as those with a batch that waits or a case that is held.
/// </summary>
/// <remarks>
/// The first window is for what is made once, such as an optimizer's moments. What was forgotten and has been collected since does not count: a leak that the
/// collector keeps up with is a slow training, and no growing one.
/// </remarks>
public sealed class LeakCheck
{
    /// <summary>Steps that are looked at together.</summary>
    public const int Window = 8;

    /// <summary>So many windows in a row have to grow.</summary>
    public const int GrowingWindows = 3;

    private long _lowest = long.MaxValue, _lowestBefore = long.MaxValue, _lowestAtFirst;
    private int _steps, _growing, _learning = -1;

    /// <summary>Counts, after a step and outside of every dispose scope that takes part in it.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="learningCount">Parameters that learn; where their number changes, so does what an optimizer holds, and the count begins anew.</param>
    /// <exception cref="TensorLeakException">Tensors pile up.</exception>
    public void AfterStep(long step, int learningCount = 0)
    {
        if (learningCount != _learning)
            (_learning, _steps, _growing, _lowest, _lowestBefore) = (learningCount, 0, 0, long.MaxValue, long.MaxValue);
        _lowest = Math.Min(_lowest, Tensor.TotalCount);
        if (++_steps % Window != 0)
            return;
        // The first window stands for nothing: its lowest may be of before there was an optimizer.
        bool grows = _steps > 2 * Window && _lowest > _lowestBefore;
        if (grows && _growing == 0)
            _lowestAtFirst = _lowestBefore;
        _growing = grows ? _growing + 1 : 0;
        if (_growing == GrowingWindows)
            throw new TensorLeakException(step, _lowestAtFirst, _lowest, GrowingWindows * Window);
        (_lowestBefore, _lowest) = (_lowest, long.MaxValue);
    }
}
