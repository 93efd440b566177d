using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SamMed3D.Transfer;

/// <summary>Golden case <c>sliding_window</c>: blended windows of a known network against MONAI 1.3.2.</summary>
public sealed partial class SlidingWindowParity : ParityCheck
{
    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.TryGetProperty("case", out var name) && name.GetString() == "sliding_window";

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        using var scope = NewDisposeScope();
        var config = description.GetProperty("config");
        int[] roi = [.. config.GetProperty("roi").EnumerateArray().Select(extent => extent.GetInt32())];
        var plain = new SlidingWindowOptions
        {
            Window = new Size3(roi[0], roi[1], roi[2]),
            SigmaScale = config.GetProperty("sigma_scale").GetDouble(),
        };
        var quantities = new List<ParityQuantity>();
        foreach (var file in description.GetProperty("files").EnumerateObject())
        {
            var tensors = SafetensorsFile.ReadAll(Path.Combine(folder, file.Name));
            foreach (var stored in file.Value.GetProperty("tensors").EnumerateObject())
                if (stored.Value.TryGetProperty("atol", out _))
                    quantities.Add(ParityTensors.Compare(stored.Name,
                        () => Compute(stored.Name, tensors, plain, description.GetProperty("calls"), options),
                        tensors[stored.Name], stored.Value));
        }

        return quantities;
    }

    private static Tensor Compute(
        string name, IReadOnlyDictionary<string, Tensor> tensors, SlidingWindowOptions plain, JsonElement calls, ParityOptions options)
    {
        if (name == "importance_gaussian")
            return WindowImportance.Create(plain with { Blend = WindowBlend.Gaussian });
        if (OutputName().Match(name) is not { Success: true } parts)
            throw new NotSupportedException($"the name {name} says no overlap and blend");
        bool isSmall = parts.Groups["small"].Success;
        double overlap = double.Parse(parts.Groups["overlap"].Value.Replace('p', '.'), CultureInfo.InvariantCulture);
        string mode = parts.Groups["mode"].Value;
        var window = plain with
        {
            Overlap = overlap,
            Blend = mode == "gaussian" ? WindowBlend.Gaussian : WindowBlend.Constant,
            BatchSize = calls.EnumerateArray()
                .First(call => call.GetProperty("overlap").GetDouble() == overlap && call.GetProperty("mode").GetString() == mode)
                .GetProperty("sw_batch_size").GetInt32(),
        };
        var weight = tensors["weight"].to(options.Precision, options.Device);
        var bias = tensors["bias"].to(options.Precision, options.Device);
        Tensor Network(Tensor windows)
        {
            using var inner = NewDisposeScope();
            return nn.functional.conv3d(windows, weight, bias, padding: [1, 1, 1]).tanh().MoveToOuterDisposeScope();
        }

        var volume = tensors[isSmall ? "small_input" : "input"].to(options.Precision, options.Device);
        var result = new SlidingWindow(Network, window).Run(volume);
        return isSmall ? result : result.narrow(1, 0, 1);
    }

    [GeneratedRegex("^(?<small>small_)?out_ov(?<overlap>[0-9]+p[0-9]+)_(?<mode>constant|gaussian)$")]
    private static partial Regex OutputName();
}
