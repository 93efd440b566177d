namespace SamMed3D.Transfer;

/// <summary>What an arm is there for.</summary>
public enum ArmRole
{
    /// <summary>A start of the same network, such as scratch, a checkpoint, or inflation.</summary>
    Start,

    /// <summary>A network made for the task, which every transformer has to face.</summary>
    TaskSpecific,

    /// <summary>The network with its transformer blocks replaced by the identity: what it reaches, no transformer was needed for.</summary>
    TransformerOff,
}
