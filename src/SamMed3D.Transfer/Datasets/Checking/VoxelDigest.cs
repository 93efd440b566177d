using System.Security.Cryptography;

namespace SamMed3D.Transfer;

/// <summary>What is kept of a channel's voxels: enough to know it again, and to tell whether it is unlike others.</summary>
/// <param name="Ordered">SHA-256 of size and float32 voxels in file order, hex: equal for equal voxels, whatever the type, scaling and compression of the file.</param>
/// <param name="Unordered">The same for any order of the voxels: equal for a copy that was turned or mirrored.</param>
/// <param name="Least">The least finite value; NaN when there is none.</param>
/// <param name="Most">The greatest finite value; NaN when there is none.</param>
/// <param name="Mean">The mean of the finite values.</param>
/// <param name="Deviation">Their standard deviation.</param>
/// <param name="NotFinite">Voxels that are NaN or infinite.</param>
/// <param name="File">The file that it is in.</param>
internal sealed record VoxelDigest(string Ordered, string Unordered, double Least, double Most, double Mean, double Deviation, long NotFinite, string File)
{
    /// <summary>Whether every finite voxel has one value.</summary>
    public bool IsConstant => !(Least < Most);

    /// <summary>Adds up a channel, block by block.</summary>
    public sealed class Builder(Size3 size) : IDisposable
    {
        private readonly IncrementalHash _ordered = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private float[] _block = [];
        private ulong _sum, _mixedSum;
        private double _least = double.PositiveInfinity, _most = double.NegativeInfinity, _mean, _squares;
        private long _finite, _notFinite;

        public void Add(ReadOnlySpan<double> values)
        {
            if (_block.Length < values.Length)
                _block = new float[values.Length];
            for (var index = 0; index < values.Length; index++)
            {
                float value = (float)values[index];
                if (value == 0)
                    value = 0; // -0 too.
                _block[index] = value;
                ulong mixed = Mix(BitConverter.SingleToUInt32Bits(value));
                _sum += mixed;
                _mixedSum += Mix(mixed);
                if (!float.IsFinite(value))
                {
                    _notFinite++;
                    continue;
                }

                _least = Math.Min(_least, value);
                _most = Math.Max(_most, value);
                double off = value - _mean; // Welford's mean and sum of squares.
                _mean += off / ++_finite;
                _squares += off * (value - _mean);
            }

            _ordered.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_block.AsSpan(0, values.Length)));
        }

        public VoxelDigest Finish(string file)
        {
            int[] extents = [size.X, size.Y, size.Z];
            string ordered = $"{size}:{Convert.ToHexString(_ordered.GetHashAndReset())}";
            Array.Sort(extents);
            return new VoxelDigest(ordered, $"{string.Join('x', extents)}:{_sum:x}:{_mixedSum:x}",
                _finite == 0 ? double.NaN : _least, _finite == 0 ? double.NaN : _most, _mean, _finite == 0 ? 0 : Math.Sqrt(_squares / _finite), _notFinite, file);
        }

        public void Dispose() => _ordered.Dispose();

        /// <summary>SplitMix64's finaliser.</summary>
        private static ulong Mix(ulong value)
        {
            value += 0x9e3779b97f4a7c15;
            value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
            value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
            return value ^ (value >> 31);
        }
    }
}
