namespace SamMed3D.Transfer;

/// <summary>Which records may stand where an abstract one is asked for; a <c>kind</c> key chooses.</summary>
internal sealed class ConfigKinds
{
    public const string Key = "kind";

    private readonly List<(Type Base, string Kind, Type Record)> _known = [];

    public ConfigKinds Add<TBase, TRecord>(string kind)
        where TRecord : TBase
    {
        _known.Add((typeof(TBase), kind, typeof(TRecord)));
        return this;
    }

    public bool Covers(Type type) => _known.Exists(known => known.Base == type);

    public IEnumerable<string> Of(Type type) => _known.Where(known => known.Base == type).Select(known => known.Kind);

    public Type? Find(Type type, string kind) => _known.Find(known => known.Base == type && known.Kind == kind).Record;

    public string? KindOf(Type type, Type record) => _known.Find(known => known.Base == type && known.Record == record).Kind;
}
