namespace Apprentice.Evaluation;

/// <summary>How strongly two series go together.</summary>
public static class Correlation
{
    /// <summary>Pearson's r; NaN when a series is constant.</summary>
    /// <param name="x">First series.</param>
    /// <param name="y">Second series, same length.</param>
    public static double Pearson(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        double meanX = x.Average(), meanY = y.Average(), xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Count; i++)
        {
            double dx = x[i] - meanX, dy = y[i] - meanY;
            xy += dx * dy;
            xx += dx * dx;
            yy += dy * dy;
        }

        return xy / (Math.Sqrt(xx) * Math.Sqrt(yy));
    }

    /// <summary>Spearman's rho: Pearson's r of the ranks, ties sharing their mean rank.</summary>
    /// <param name="x">First series.</param>
    /// <param name="y">Second series, same length.</param>
    public static double Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y) => Pearson(Ranks(x), Ranks(y));

    /// <summary>Kendall's tau-b, corrected for ties; NaN when a series is constant.</summary>
    /// <param name="x">First series.</param>
    /// <param name="y">Second series, same length.</param>
    public static double Kendall(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        long agree = 0, pairsX = 0, pairsY = 0;
        for (int i = 0; i < x.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                int sx = Math.Sign(x[i] - x[j]), sy = Math.Sign(y[i] - y[j]);
                agree += sx * sy;
                pairsX += sx * sx;
                pairsY += sy * sy;
            }
        }

        return agree / (Math.Sqrt(pairsX) * Math.Sqrt(pairsY));
    }

    /// <summary>1-based ranks in ascending order; equal values share the mean of their ranks.</summary>
    /// <param name="values">Any values, not NaN.</param>
    public static double[] Ranks(IReadOnlyList<double> values)
    {
        int[] order = [.. Enumerable.Range(0, values.Count).OrderBy(i => values[i])];
        double[] ranks = new double[order.Length];
        for (int start = 0; start < order.Length;)
        {
            int end = start + 1;
            while (end < order.Length && values[order[end]] == values[order[start]])
            {
                end++;
            }

            for (int i = start; i < end; i++)
            {
                ranks[order[i]] = (start + end + 1) / 2.0;
            }

            start = end;
        }

        return ranks;
    }
}
