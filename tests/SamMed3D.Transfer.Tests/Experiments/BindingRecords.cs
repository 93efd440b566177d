using System.ComponentModel.DataAnnotations;

namespace SamMed3D.Transfer.Tests;

public enum Flavour
{
    Plain,
    DeepFried,
}

public abstract record Shape
{
    public int Edge { get; init; } = 4;
}

public sealed record Ball : Shape
{
    public double Radius { get; init; } = 1.5;
}

public sealed record Brick : Shape
{
    public required Size3 Extents { get; init; }
}

public sealed record Point : Shape;

public sealed record Nested
{
    public int Steps { get; init; } = 10;

    public int Every { get; init; } = 5;

    public string? Note { get; init; }

    public Nested Validated() => Every <= Steps ? this : throw new ArgumentException($"Every {Every} is more than Steps {Steps}.");
}

/// <summary>A record with one member of every sort that the binder knows.</summary>
public sealed record Sample
{
    public required string Name { get; init; }

    public long Seed { get; init; } = 1;

    [Range(0.0, 1.0)]
    public double Share { get; init; } = 0.5;

    public float Small { get; init; } = 1e-5f;

    public bool IsOn { get; init; } = true;

    public int? Limit { get; init; }

    public Flavour Flavour { get; init; }

    public Size3 Size { get; init; } = 16;

    public IReadOnlyList<FeatureTap> Taps { get; init; } = [2, 5, new FeatureTap(8, true)];

    public IReadOnlyList<Flavour> Flavours { get; init; } = [];

    public IReadOnlyList<Nested> Parts { get; init; } = [];

    public Nested Nested { get; init; } = new() { Steps = 100 };

    public Shape Shape { get; init; } = new Ball();

    public Shape? Other { get; init; }

    public string Summary => $"{Name} {Seed}";
}
