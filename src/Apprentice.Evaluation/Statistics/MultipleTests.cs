namespace Apprentice.Evaluation;

/// <summary>Adjusts p-values for the number of tests made.</summary>
public static class MultipleTests
{
    /// <summary>Bonferroni: p times the number of tests, at most 1.</summary>
    /// <param name="p">The p-values.</param>
    public static double[] Bonferroni(IReadOnlyList<double> p) => [.. p.Select(value => Math.Min(1, value * p.Count))];

    /// <summary>Holm's step-down adjustment (1979): keeps the chance of any false finding at the level tested.</summary>
    /// <param name="p">The p-values; the result keeps their order.</param>
    public static double[] Holm(IReadOnlyList<double> p)
    {
        double[] adjusted = new double[p.Count];
        double highest = 0;
        int place = 0;
        foreach (int i in Enumerable.Range(0, p.Count).OrderBy(i => p[i]))
        {
            highest = Math.Max(highest, Math.Min(1, p[i] * (p.Count - place++)));
            adjusted[i] = highest;
        }

        return adjusted;
    }

    /// <summary>Benjamini and Hochberg's step-up adjustment (1995): keeps the expected share of false findings at the level tested.</summary>
    /// <param name="p">The p-values; the result keeps their order.</param>
    public static double[] BenjaminiHochberg(IReadOnlyList<double> p)
    {
        double[] adjusted = new double[p.Count];
        double lowest = 1;
        int place = p.Count;
        foreach (int i in Enumerable.Range(0, p.Count).OrderBy(i => p[i]).Reverse())
        {
            lowest = Math.Min(lowest, p[i] * p.Count / place--);
            adjusted[i] = lowest;
        }

        return adjusted;
    }
}
