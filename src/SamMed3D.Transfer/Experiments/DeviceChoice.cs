using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>Where a run computes, as written: "auto", "cpu", "cuda" or one card such as "cuda:1".</summary>
/// <param name="Type">CPU or CUDA; null lets the machine decide.</param>
/// <param name="Index">Which card, counted from 0.</param>
public sealed record DeviceChoice(DeviceType? Type, int Index = 0)
{
    /// <summary>CUDA where there is one, else the CPU.</summary>
    public static DeviceChoice Auto { get; } = new((DeviceType?)null);

    /// <summary>Reads a choice, as <see cref="Parse"/>.</summary>
    public static implicit operator DeviceChoice(string text) => Parse(text);

    /// <summary>Reads a choice, as <see cref="Parse"/>.</summary>
    public static DeviceChoice FromString(string text) => Parse(text);

    /// <summary>Reads a choice.</summary>
    /// <exception cref="ArgumentException">The text is none of them.</exception>
    public static DeviceChoice Parse(string text) => TryParse(text, out var choice)
        ? choice
        : throw new ArgumentException($"expected auto, cpu, cuda or one card such as cuda:1, got '{text}'");

    /// <summary>Reads a choice where the text is one.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DeviceChoice? choice)
    {
        ArgumentNullException.ThrowIfNull(text);
        choice = text switch
        {
            "auto" => Auto,
            "cpu" => new DeviceChoice(DeviceType.CPU),
            "cuda" => new DeviceChoice(DeviceType.CUDA),
            _ when text.StartsWith("cuda:", StringComparison.Ordinal)
                && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index) => new DeviceChoice(DeviceType.CUDA, index),
            _ => null,
        };
        return choice is not null;
    }

    /// <summary>The device on this machine.</summary>
    /// <exception cref="InvalidOperationException">There is no such device here; the message says what to do.</exception>
    public Device Resolve()
    {
        if (Type == DeviceType.CPU || (Type is null && !cuda.is_available()))
            return CPU;
        if (!cuda.is_available())
            throw new InvalidOperationException(
                $"The device {this} was asked for, but CUDA is not available: build with -p:TorchBackend=cuda on a machine with an NVIDIA driver, or use cpu; 'sammed3d doctor' tells more.");
        if (Index >= cuda.device_count())
            throw new InvalidOperationException($"The device {this} was asked for, but this machine has {cuda.device_count()}: cuda:0 to cuda:{cuda.device_count() - 1}.");
        return new Device(DeviceType.CUDA, Index);
    }

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public override string ToString() => Type switch
    {
        null => "auto",
        DeviceType.CPU => "cpu",
        _ => string.Create(CultureInfo.InvariantCulture, $"cuda:{Index}"),
    };
}
