using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>Numbers of a text header, without losing a bit and without "-0".</summary>
internal static class HeaderNumber
{
    public static string Of(double value) => (value == 0 ? 0 : value).ToString("R", CultureInfo.InvariantCulture);
}
