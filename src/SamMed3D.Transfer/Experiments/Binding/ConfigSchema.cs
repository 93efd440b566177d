namespace SamMed3D.Transfer;

/// <summary>What the records do not say themselves: which may stand where an abstract one is asked for, and which properties are no keys.</summary>
internal sealed class ConfigSchema
{
    /// <summary>The key that chooses among records.</summary>
    public const string Key = "kind";

    private readonly List<(Type Base, string Kind, Type Record)> _kinds = [];
    private readonly Dictionary<Type, Type> _usual = [];
    private readonly List<(Type Record, string Property)> _hidden = [];

    /// <summary>Lets <c>kind: …</c> choose a record.</summary>
    public ConfigSchema Add<TBase, TRecord>(string kind)
        where TRecord : TBase
    {
        _kinds.Add((typeof(TBase), kind, typeof(TRecord)));
        return this;
    }

    /// <summary>Lets <c>kind: …</c> choose a record, which is also meant where there is no such key.</summary>
    public ConfigSchema AddUsual<TBase, TRecord>(string kind)
        where TRecord : TBase
    {
        _usual.Add(typeof(TBase), typeof(TRecord));
        return Add<TBase, TRecord>(kind);
    }

    /// <summary>The networks that segment. Files had no kind of them as long as there was one alone.</summary>
    public ConfigSchema AddModels() => AddUsual<ModelOptions, UnetrOptions>("unetr")
        .Add<ModelOptions, ResidualUnetOptions>("residual-unet")
        .Add<BackboneOptions, EncoderOptions>("sam-med3d")
        .Add<BackboneOptions, PlainViTOptions>("plain-vit")
        .Add<BackboneOptions, SamAdapterOptions>("sam-adapter");

    /// <summary>The kinds of adapters.</summary>
    public ConfigSchema AddAdapters() => Add<AdapterOptions, LoraOptions>("lora")
        .Add<AdapterOptions, BottleneckOptions>("bottleneck")
        .Add<AdapterOptions, DepthAwareOptions>("depth-aware")
        .Add<AdapterOptions, BiasOnlyOptions>("bias-only")
        .Add<AdapterOptions, NormOnlyOptions>("norm-only");

    /// <summary>The starts from a file that fit every model with SAM-Med3D's encoder.</summary>
    public ConfigSchema AddFileStarts() => Add<StartOptions, CheckpointStart>("checkpoint")
        .Add<StartOptions, SamMed3DStart>("sam-med3d")
        .Add<StartOptions, FrozenStart>("frozen")
        .Add<StartOptions, LoraStart>("lora")
        .Add<StartOptions, AdapterStart>("adapter")
        .Add<StartOptions, InflatedStart>("sam-inflated")
        .AddAdapters();

    /// <summary>The ways of freezing.</summary>
    public ConfigSchema AddFreezing() => Add<FreezingOptions, FreezeNothing>("nothing")
        .Add<FreezingOptions, FreezeEncoder>("encoder")
        .Add<FreezingOptions, FreezeUpToBlock>("up-to-block")
        .Add<FreezingOptions, UnfreezeGradually>("gradual");

    /// <summary>Takes a property out of the file, because something else in the file decides it.</summary>
    public ConfigSchema Hide<TRecord>(string property)
    {
        _hidden.Add((typeof(TRecord), property));
        return this;
    }

    public bool Covers(Type type) => _kinds.Exists(known => known.Base == type);

    public IEnumerable<string> Of(Type type) => _kinds.Where(known => known.Base == type).Select(known => known.Kind);

    public Type? Find(Type type, string kind) => _kinds.Find(known => known.Base == type && known.Kind == kind).Record;

    /// <summary>The record that is meant where no kind is given; null where one must be.</summary>
    public Type? UsualOf(Type type) => _usual.GetValueOrDefault(type);

    public string? KindOf(Type type, Type record) => _kinds.Find(known => known.Base == type && known.Record == record).Kind;

    /// <summary>The keys of a record.</summary>
    public IEnumerable<ConfigMember> Members(Type record) =>
        ConfigRecordShape.Of(record).Members.Where(member => !_hidden.Contains((record, member.Property.Name)));
}
