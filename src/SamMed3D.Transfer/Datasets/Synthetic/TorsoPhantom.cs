using System.Numerics;
using static SamMed3D.Transfer.PhantomShape;

namespace SamMed3D.Transfer;

/// <summary>
/// One made-up person's abdomen, lying on a CT table: what is at a point, in Hounsfield units and as a class. Coordinates are mm,
/// RAS+, from the middle of the field of view. Sizes, places and contrast are drawn per person, so that knowing where an organ
/// usually is does not tell where it is. Vena cava, ribs, stomach, bowel, heart-side lungs and muscles have no class: they have the
/// intensities of the organs, so that an intensity does not tell either.
/// </summary>
internal sealed class TorsoPhantom
{
    /// <summary>The classes by value.</summary>
    public static readonly string[] ClassNames = ["background", "liver", "spleen", "left_kidney", "right_kidney", "spine", "aorta"];

    private const int Liver = 1, Spleen = 2, LeftKidney = 3, RightKidney = 4, Spine = 5, Aorta = 6;

    // Partial volume: a surface is blended over this many mm.
    private const float Blur = 5;

    private readonly Vector3 _shift, _liver, _liverRadii, _lobe, _spleen, _spleenRadii, _stomach, _leftKidney, _rightKidney, _kidneyRadii;
    private readonly float _turn, _size, _halfWidth, _halfDepth, _fat, _muscle, _diaphragm, _spineBend, _spinePhase, _spineY;
    private readonly float _contrast, _aortaRadius, _kidneyTilt, _spleenTurn, _fattyLiver;
    private readonly SmoothNoise _warpX, _warpY, _warpZ, _bowel, _texture;

    /// <param name="random">Draws the person.</param>
    /// <param name="contrast">Range of the contrast medium, from 0 to 1.</param>
    public TorsoPhantom(ref RandomStream random, ValueRange contrast)
    {
        _size = Draw(ref random, 0.88, 1.12);
        _shift = Around(ref random, Vector3.Zero, 14, 8, 20);
        _turn = Draw(ref random, -0.16, 0.16);
        _halfWidth = Draw(ref random, 132, 152);
        _halfDepth = Draw(ref random, 92, 110);
        _fat = Draw(ref random, 8, 22);
        _muscle = Draw(ref random, 9, 13);
        _diaphragm = Draw(ref random, 55, 75);
        _spineBend = Draw(ref random, 2, 8);
        _spinePhase = Draw(ref random, 0, 2 * Math.PI);
        _spineY = -_halfDepth + _fat + 38;
        _liver = Around(ref random, new Vector3(58, 8, 14), 8, 8, 10);
        _liverRadii = Around(ref random, new Vector3(70, 62, 58), 10, 8, 12);
        _lobe = Around(ref random, new Vector3(2, 42, 30), 12, 6, 8);
        _spleen = Around(ref random, new Vector3(-88, -24, 22), 8, 10, 14);
        _spleenRadii = Around(ref random, new Vector3(24, 40, 40), 5, 9, 9);
        _stomach = Around(ref random, new Vector3(-50, 34, 22), 10, 8, 10);
        _leftKidney = Around(ref random, new Vector3(-58, _spineY + 8, -26), 7, 6, 13);
        _rightKidney = Around(ref random, new Vector3(60, _spineY + 8, -42), 7, 6, 13);
        _kidneyRadii = Around(ref random, new Vector3(27, 24, 46), 3, 3, 7);
        _contrast = Draw(ref random, contrast.Low, contrast.High);
        _aortaRadius = Draw(ref random, 11.5, 14.5);
        _kidneyTilt = Draw(ref random, 0.1, 0.3);
        _spleenTurn = Draw(ref random, -0.7, -0.1);
        _fattyLiver = Draw(ref random, 0, 18);
        _warpX = new SmoothNoise(ref random, 110);
        _warpY = new SmoothNoise(ref random, 110);
        _warpZ = new SmoothNoise(ref random, 110);
        _bowel = new SmoothNoise(ref random, 48);
        _texture = new SmoothNoise(ref random, 30);
    }

    /// <summary>Intensity in HU and class at a point.</summary>
    public (float Intensity, int Class) At(Vector3 point)
    {
        var table = Table(point);
        var body = TurnAboutZ(point - _shift, _turn) / _size;
        float skin = Torso(body, _halfWidth * (1 + 0.04f * MathF.Sin(body.Z / 70)), _halfDepth);
        if (skin > 2 * Blur)
            return (table, 0);
        var inner = body + 4.5f * new Vector3(_warpX.At(body), _warpY.At(body), _warpZ.At(body));
        var place = new Place(table);
        place.Add(skin, -105);
        place.Add(skin + _fat, 52 + 12 * _contrast);
        float cavity = skin + _fat + _muscle;
        place.Add(Subtract(cavity, Backbone(body) - 30), -95);
        Bowel(ref place, inner, cavity);
        Organs(ref place, inner, cavity);
        Bones(ref place, body, skin + _fat);
        place.Add(Vessel(body, 15, _aortaRadius), 42 + 70 * _contrast);
        place.Add(Vessel(body, -13, _aortaRadius), 48 + 190 * _contrast, Aorta);
        return (place.Intensity + 6 * _texture.At(body), place.Class);
    }

    private void Organs(ref Place place, Vector3 point, float cavity)
    {
        // Lungs fill what is above the two domes of the diaphragm; the middle belongs to the heart.
        float side = MathF.Abs(point.X) - 62;
        float dome = _diaphragm - (side * side + 0.7f * point.Y * point.Y) / 130;
        float lungs = Intersect(Intersect(cavity - 2, dome - point.Z), 24 - MathF.Abs(point.X));
        float below = Intersect(cavity + 2, point.Z - dome + 4);

        float stomach = Intersect(Ellipsoid(point - _stomach, new Vector3(36, 30, 36)), below);
        place.Add(stomach, 28 + 10 * _contrast);
        // The patient lies on the back: gas rises to the front.
        place.Add(Intersect(stomach + 4, _stomach.Y + 14 - point.Y), -850);
        float liver = Join(Ellipsoid(point - _liver, _liverRadii), Ellipsoid(point - _lobe, new Vector3(58, 30, 30)), 18);
        place.Add(Intersect(liver, below), 60 - _fattyLiver + 62 * _contrast, Liver);
        float spleen = Ellipsoid(TurnAboutZ(point - _spleen, _spleenTurn), _spleenRadii);
        place.Add(Intersect(spleen, below), 48 + 82 * _contrast, Spleen);
        place.Add(lungs, -830);
        Kidney(ref place, point - _leftKidney, 1, LeftKidney);
        Kidney(ref place, point - _rightKidney, -1, RightKidney);
    }

    /// <param name="place">What is there so far.</param>
    /// <param name="point">From the kidney's centre.</param>
    /// <param name="inwards">Direction of x towards the spine.</param>
    /// <param name="kidney">The class.</param>
    private void Kidney(ref Place place, Vector3 point, float inwards, int kidney)
    {
        point = TurnAboutY(point, inwards * _kidneyTilt);
        float outside = Ellipsoid(point, _kidneyRadii);
        float hilum = Ellipsoid(point - new Vector3(inwards * _kidneyRadii.X, 8, 0), new Vector3(14, 14, 15));
        place.Add(Subtract(outside, hilum), 34 + 145 * _contrast, kidney);
        place.Add(Subtract(outside, hilum) + 11, 30 + 90 * _contrast, kidney);
    }

    private void Bowel(ref Place place, Vector3 point, float cavity)
    {
        float loops = _bowel.At(point);
        float region = Intersect(cavity + 6, point.Z - 20);
        region = Intersect(region, 24 + _spineY - point.Y);
        place.Add(Intersect(region, (0.1f - loops) * 9), 38 + 25 * _contrast);
        place.Add(Intersect(region, (1.5f - loops) * 9), -700);
    }

    private void Bones(ref Place place, Vector3 point, float wall)
    {
        // Ribs slope down to the front; the costal arch ends them.
        float angle = MathF.Atan2(point.X, point.Y);
        float slope = point.Z + 28 * MathF.Cos(angle);
        float rib = (MathF.Abs(slope - 30 * MathF.Round(slope / 30)) - 5) * 0.8f;
        float arch = 12 + 45 * MathF.Cos(angle) - point.Z;
        place.Add(Intersect(Intersect(MathF.Abs(wall + 6) - 4, rib), arch), 310);

        // Vertebrae of 32 mm with discs of 8 mm between them, canal, arch and spinous process.
        float bone = Backbone(point);
        float disc = MathF.Abs(point.Z - 16 - 32 * MathF.Round((point.Z - 16) / 32)) - 4;
        var centre = point - Centre(point.Z);
        float process = Ellipsoid(centre - new Vector3(0, -40, 0), new Vector3(17, 14, 1e4f));
        float canal = Column(centre - new Vector3(0, -29, 0), 9, 8);
        float all = Subtract(Join(bone, process, 8), canal);
        place.Add(all, 260, Spine);
        place.Add(canal, 25);
        place.Add(bone + 5, 175, Spine);
        place.Add(Intersect(bone, disc), 85, Spine);
    }

    private float Backbone(Vector3 point) => Column(point - Centre(point.Z), 24, 19);

    /// <summary>A tube in front of the spine, to the given side.</summary>
    private float Vessel(Vector3 point, float side, float radius) =>
        Column(point - Centre(point.Z) - new Vector3(side + 2 * MathF.Sin(point.Z / 30 + side), 21 + radius, 0), radius, radius);

    private Vector3 Centre(float z) => new(
        _spineBend * MathF.Sin(z / 75 + _spinePhase), _spineY + 5 * MathF.Sin(z / 60 + 0.6f), 0);

    private float Table(Vector3 point)
    {
        float top = -_halfDepth * _size + _shift.Y - 16 + point.X * point.X / 900;
        var place = new Place(-1000);
        place.Add(Intersect(MathF.Abs(point.Y - top + 8) - 7, MathF.Abs(point.X) - 190), -250);
        return place.Intensity;
    }

    private static float Draw(ref RandomStream random, double low, double high) => (float)random.Uniform(low, high);

    private static Vector3 Around(ref RandomStream random, Vector3 centre, float x, float y, float z) => centre + new Vector3(
        Draw(ref random, -x, x), Draw(ref random, -y, y), Draw(ref random, -z, z));

    /// <summary>What is at one point while shapes are laid over one another.</summary>
    private struct Place(float intensity)
    {
        public float Intensity { get; private set; } = intensity;

        public int Class { get; private set; }

        /// <summary>Lays a shape over what was there; without a class it covers the class below with background.</summary>
        public void Add(float distance, float intensity, int value = 0)
        {
            if (distance < 0)
                Class = value;
            float share = Math.Clamp(0.5f - distance / Blur, 0, 1);
            Intensity += share * (intensity - Intensity);
        }
    }
}
