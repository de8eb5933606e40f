namespace Apprentice.Evaluation;

/// <summary>How large a difference between two groups of values is, whatever their unit.</summary>
public static class EffectSize
{
    /// <summary>Cliff's delta: share of pairs with a above b minus share with a below b; −1 to 1.</summary>
    /// <param name="a">First group.</param>
    /// <param name="b">Second group.</param>
    public static double CliffsDelta(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        (long above, long below) = Count(a, b);
        return (above - below) / ((double)a.Count * b.Count);
    }

    /// <summary>Vargha and Delaney's A12: chance that a value of the first group is above one of the second, ties counting half.</summary>
    /// <param name="a">First group.</param>
    /// <param name="b">Second group.</param>
    public static double A12(IReadOnlyList<double> a, IReadOnlyList<double> b) => MannWhitneyU(a, b) / ((double)a.Count * b.Count);

    /// <summary>Mann and Whitney's U of the first group: number of pairs with a above b, ties counting half.</summary>
    /// <param name="a">First group.</param>
    /// <param name="b">Second group.</param>
    public static double MannWhitneyU(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        (long above, long below) = Count(a, b);
        return above + ((long)a.Count * b.Count - above - below) / 2.0;
    }

    private static (long Above, long Below) Count(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        long above = 0, below = 0;
        foreach (double x in a)
        {
            foreach (double y in b)
            {
                above += x > y ? 1 : 0;
                below += x < y ? 1 : 0;
            }
        }

        return (above, below);
    }
}
