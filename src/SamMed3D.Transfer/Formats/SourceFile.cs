namespace SamMed3D.Transfer;

/// <summary>The file that weights were loaded or converted from.</summary>
public sealed record SourceFile
{
    /// <summary>Its name, without the folder.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 in lower-case hex: <see cref="Checkpoint.Sha256"/>.</summary>
    public required string Sha256 { get; init; }

    /// <summary>What an open checkpoint is.</summary>
    public static SourceFile Of(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return new SourceFile { Name = Path.GetFileName(checkpoint.Origin), Sha256 = checkpoint.Sha256 };
    }

    /// <summary>This file, when its parts make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public SourceFile Validated() => Sha256 is { Length: 64 } && Sha256.All(char.IsAsciiHexDigitLower)
        ? this
        : throw new ArgumentException($"Sha256 is '{Sha256}'; expected 64 lower-case hex digits.", nameof(Sha256));
}
