namespace SamMed3D.Transfer;

/// <summary>What the encoder's weights are before the first step.</summary>
public abstract record StartOptions;
