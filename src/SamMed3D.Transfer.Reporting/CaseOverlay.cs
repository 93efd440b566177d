using SkiaSharp;

namespace SamMed3D.Transfer;

/// <summary>
/// Draws a case in three planes: grey is the image, filled is the prediction, outlined is the truth. Planes go through where most truth is (most
/// prediction, where there is no truth), and are seen as radiologists do: the patient's right on the left, anterior and superior up.
/// </summary>
public static class CaseOverlay
{
    private const byte FillAlpha = 110;

    // Okabe and Ito (2008) without black; more classes use them again.
    private static readonly uint[] Colors = [0xE69F00, 0x56B4E9, 0x009E73, 0xF0E442, 0x0072B2, 0xD55E00, 0xCC79A7];

    /// <summary>The colour of a class, from 1, as in CSS.</summary>
    public static string ColorOf(int label) => $"#{Colors[(label - 1) % Colors.Length]:x6}";

    /// <summary>Draws the axial, the coronal and the sagittal plane.</summary>
    /// <param name="image">The image, in any orientation; its first channel is shown.</param>
    /// <param name="truth">The true labels on the same grid.</param>
    /// <param name="prediction">The predicted labels on the same grid.</param>
    /// <param name="longestEdge">Pixels of the longer edge of a picture.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static IReadOnlyList<SlicePicture> Draw(Volume image, LabelVolume truth, LabelVolume prediction, int longestEdge = 320)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentOutOfRangeException.ThrowIfLessThan(longestEdge, 16);
        if (image.Geometry.Size != truth.Geometry.Size || image.Geometry.Size != prediction.Geometry.Size)
            throw new ArgumentException($"The image is {image.Geometry.Size}, the truth {truth.Geometry.Size}, the prediction {prediction.Geometry.Size}; bring them onto one grid.");
        using var canonical = Reorientation.ToCanonical(image);
        using var trueLabels = Reorientation.ToCanonical(truth);
        using var predicted = Reorientation.ToCanonical(prediction);
        var (black, white) = Window(canonical.Voxels());
        return
        [
            .. new[] { ("axial", 2), ("coronal", 1), ("sagittal", 0) }.Select(plane =>
            {
                var slice = new Slice(canonical.Geometry.Size, plane.Item2, Fullest(trueLabels, predicted, plane.Item2));
                using var small = Pixels(slice, canonical, predicted, black, white);
                return Scaled(plane.Item1, small, trueLabels, slice, canonical.Geometry.Spacing, longestEdge);
            }),
        ];
    }

    /// <summary>The first to the 99th percentile, so that single bright voxels do not leave all else black.</summary>
    private static (float Black, float White) Window(ReadOnlySpan<float> voxels)
    {
        int step = Math.Max(1, voxels.Length / 50_000);
        var sample = new List<float>();
        for (int i = 0; i < voxels.Length; i += step)
            if (float.IsFinite(voxels[i]))
                sample.Add(voxels[i]);
        sample.Sort();
        return sample.Count == 0 ? (0, 1) : (sample[sample.Count / 100], Math.Max(sample[sample.Count * 99 / 100], sample[sample.Count / 100] + 1e-6f));
    }

    private static int Fullest(LabelVolume truth, LabelVolume prediction, int axis)
    {
        var size = truth.Geometry.Size;
        var counts = new long[size[axis]];
        foreach (var labels in new[] { truth, prediction })
        {
            var voxels = labels.Voxels();
            for (int x = 0, i = 0; x < size.X; x++)
                for (int y = 0; y < size.Y; y++)
                    for (int z = 0; z < size.Z; z++, i++)
                        counts[axis == 0 ? x : axis == 1 ? y : z] += voxels[i] > 0 ? 1 : 0;
            if (counts.Any(count => count > 0))
                break;
        }

        return counts.Max() == 0 ? size[axis] / 2 : Array.IndexOf(counts, counts.Max());
    }

    private static SKBitmap Pixels(Slice slice, Volume image, LabelVolume prediction, float black, float white)
    {
        var bitmap = new SKBitmap(slice.Width, slice.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var grey = image.Voxels();
        var predicted = prediction.Voxels();
        for (int row = 0; row < slice.Height; row++)
            for (int column = 0; column < slice.Width; column++)
            {
                int at = slice.Index(column, row);
                float value = float.IsFinite(grey[at]) ? Math.Clamp((grey[at] - black) / (white - black), 0, 1) : 0;
                bitmap.SetPixel(column, row, Blend((byte)(255 * value), predicted[at]));
            }

        return bitmap;

        static SKColor Blend(byte grey, int label)
        {
            if (label <= 0)
                return new SKColor(grey, grey, grey);
            uint color = Colors[(label - 1) % Colors.Length];
            byte Mixed(int shift) => (byte)((grey * (255 - FillAlpha) + (byte)(color >> shift) * FillAlpha) / 255);
            return new SKColor(Mixed(16), Mixed(8), Mixed(0));
        }
    }

    /// <summary>Enlarges the plane to square millimetres and draws the outlines of the truth at the final size, so that they stay thin.</summary>
    private static SlicePicture Scaled(string plane, SKBitmap small, LabelVolume truth, Slice slice, Double3 spacing, int longestEdge)
    {
        double across = slice.Width * spacing[slice.AcrossAxis], up = slice.Height * spacing[slice.UpAxis];
        double scale = longestEdge / Math.Max(across, up);
        int width = Math.Max(1, (int)Math.Round(across * scale)), height = Math.Max(1, (int)Math.Round(up * scale));
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using (var canvas = new SKCanvas(bitmap))
        using (var image = SKImage.FromBitmap(small))
        {
            canvas.DrawImage(image, new SKRect(0, 0, width, height), new SKSamplingOptions(SKFilterMode.Linear));
            Outline(canvas, truth.Voxels(), slice, (float)width / slice.Width, (float)height / slice.Height);
        }

        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return new SlicePicture(plane, data.ToArray(), width, height);
    }

    private static void Outline(SKCanvas canvas, ReadOnlySpan<int> labels, Slice slice, float scaleX, float scaleY)
    {
        using var paint = new SKPaint { StrokeWidth = 1.6f, IsAntialias = true, StrokeCap = SKStrokeCap.Square };
        for (int row = 0; row < slice.Height; row++)
            for (int column = 0; column < slice.Width; column++)
            {
                int label = labels[slice.Index(column, row)];
                if (label <= 0)
                    continue;
                paint.Color = new SKColor(0xFF000000 | Colors[(label - 1) % Colors.Length]);
                float left = column * scaleX, right = left + scaleX, top = row * scaleY, bottom = top + scaleY;
                if (column == 0 || labels[slice.Index(column - 1, row)] != label)
                    canvas.DrawLine(left, top, left, bottom, paint);
                if (column == slice.Width - 1 || labels[slice.Index(column + 1, row)] != label)
                    canvas.DrawLine(right, top, right, bottom, paint);
                if (row == 0 || labels[slice.Index(column, row - 1)] != label)
                    canvas.DrawLine(left, top, right, top, paint);
                if (row == slice.Height - 1 || labels[slice.Index(column, row + 1)] != label)
                    canvas.DrawLine(left, bottom, right, bottom, paint);
            }
    }
}
