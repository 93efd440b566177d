namespace SamMed3D.Transfer;

/// <summary>
/// How much surface crosses a voxel corner, given which of the eight voxels around it are inside. Up to turning, mirroring and swapping
/// inside with outside there are fourteen patterns; the triangles of each are those of marching cubes (Lorensen and Cline, 1987) as
/// Nikolov et al. (arXiv:1809.04430) draw them.
/// </summary>
internal static class SurfacePatterns
{
    /// <summary>The code of a corner: a bit for each voxel inside, the one at (x, y, z) of the 2x2x2 block being bit 7 - (4 x + 2 y + z).</summary>
    private const int CodeCount = 256;

    /// <summary>Inside voxels as a code, then the area vectors of the triangles in eighths of (y z, x z, x y) of the spacing, without their signs.</summary>
    private static readonly (int Code, int[] Vectors)[] Patterns =
    [
        (0b00000001, [111]),
        (0b00000011, [220, 220]),
        (0b00000110, [111, 111]),
        (0b00000111, [400, 222, 111]),
        (0b00001111, [400, 400]),
        (0b00010110, [111, 111, 111]),
        (0b00010111, [111, 222, 222, 111]),
        (0b00011000, [111, 111]),
        (0b00011001, [022, 022, 111]),
        (0b00011011, [111, 333, 022, 202]),
        (0b00011110, [400, 111, 222, 111]),
        (0b00111100, [220, 220, 220, 220]),
        (0b01101001, [111, 111, 111, 111]),
    ];

    private static readonly int[][] Turns = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

    /// <summary>The area at a corner for each code, in mm2; 0 where all voxels are inside or none.</summary>
    /// <param name="spacing">In mm.</param>
    public static double[] Areas(Double3 spacing)
    {
        double[] faces = [spacing.Y * spacing.Z / 8, spacing.X * spacing.Z / 8, spacing.X * spacing.Y / 8];
        var areas = new double[CodeCount];
        foreach (var (code, vectors) in Patterns)
            foreach (int[] turn in Turns)
            {
                double area = vectors.Sum(vector => Length(vector, turn, faces));
                for (var mirrors = 0; mirrors < 8; mirrors++)
                {
                    int moved = Moved(code, turn, mirrors);
                    areas[moved] = areas[CodeCount - 1 - moved] = area;
                }
            }

        return areas;
    }

    /// <summary>Three digits are the three components; the turn says which of them each axis gets.</summary>
    private static double Length(int vector, int[] turn, double[] faces)
    {
        int[] digits = [vector / 100, vector / 10 % 10, vector % 10];
        double squared = 0;
        for (var axis = 0; axis < 3; axis++)
            squared += Math.Pow(digits[turn[axis]] * faces[axis], 2);
        return Math.Sqrt(squared);
    }

    private static int Moved(int code, int[] turn, int mirrors)
    {
        int moved = 0;
        for (var voxel = 0; voxel < 8; voxel++)
        {
            if ((code >> (7 - voxel) & 1) == 0)
                continue;
            int place = 0;
            for (var axis = 0; axis < 3; axis++)
            {
                int bit = voxel >> (2 - turn[axis]) & 1 ^ mirrors >> axis & 1;
                place |= bit << (2 - axis);
            }

            moved |= 1 << (7 - place);
        }

        return moved;
    }
}
