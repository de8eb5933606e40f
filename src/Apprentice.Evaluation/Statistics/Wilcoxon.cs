using MathNet.Numerics;

namespace Apprentice.Evaluation;

/// <summary>Which deviation a test looks for.</summary>
public enum Alternative
{
    /// <summary>Any difference.</summary>
    TwoSided,

    /// <summary>Differences above 0.</summary>
    Greater,

    /// <summary>Differences below 0.</summary>
    Less,
}

/// <summary>Settings of the signed-rank test.</summary>
public sealed record WilcoxonOptions
{
    /// <summary>Which deviation to look for. Default two-sided.</summary>
    public Alternative Alternative { get; init; } = Alternative.TwoSided;

    /// <summary>True for the exact distribution, false for the normal approximation; null (default) takes the exact one where it holds: up to 50 differences without ties and zeros.</summary>
    public bool? Exact { get; init; }

    /// <summary>True to rank zeros and then drop their ranks (Pratt, 1959), false (default) to leave zeros out (Wilcoxon, 1945).</summary>
    public bool Pratt { get; init; }

    /// <summary>True to move the statistic by 1/2 towards its mean in the normal approximation. Default false.</summary>
    public bool ContinuityCorrection { get; init; }
}

/// <summary>Wilcoxon's signed-rank test of paired differences.</summary>
/// <param name="Statistic">min(W+, W−) for the two-sided test, W+ otherwise.</param>
/// <param name="P">The p-value.</param>
public sealed record Wilcoxon(double Statistic, double P)
{
    private const int ExactLimit = 50;

    /// <summary>Tests whether the differences lie symmetrically around 0.</summary>
    /// <param name="differences">One difference for each item.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <exception cref="ArgumentException">The exact test was asked for, but there are ties, zeros or more than 1,000 differences.</exception>
    public static Wilcoxon Test(IReadOnlyList<double> differences, WilcoxonOptions? options = null)
    {
        options ??= new WilcoxonOptions();
        int zeros = differences.Count(value => value == 0);
        double[] kept = [.. options.Pratt ? differences : differences.Where(value => value != 0)];
        double[] ranks = Correlation.Ranks([.. kept.Select(Math.Abs)]);
        double plus = 0, minus = 0;
        for (int i = 0; i < kept.Length; i++)
        {
            plus += kept[i] > 0 ? ranks[i] : 0;
            minus += kept[i] < 0 ? ranks[i] : 0;
        }

        bool ties = kept.Select(Math.Abs).Distinct().Count() != kept.Length;
        bool exact = options.Exact ?? (!ties && zeros == 0 && kept.Length <= ExactLimit);
        if (exact && (ties || zeros > 0 || kept.Length > 1000))
        {
            throw new ArgumentException($"The exact signed-rank test needs at most 1,000 differences without ties and zeros; there are {differences.Count}, {zeros} of them 0.", nameof(differences));
        }

        double statistic = options.Alternative == Alternative.TwoSided ? Math.Min(plus, minus) : plus;
        return new Wilcoxon(statistic, exact ? ExactP(kept.Length, plus, minus, options.Alternative) : NormalP(kept, zeros, plus, options));
    }

    private static double ExactP(int n, double plus, double minus, Alternative alternative)
    {
        // ways[w]: share of the sign patterns whose positive ranks sum to w.
        double[] ways = new double[n * (n + 1) / 2 + 1];
        ways[0] = 1;
        for (int rank = 1, top = 0; rank <= n; rank++)
        {
            top += rank;
            for (int w = top; w >= 0; w--)
            {
                ways[w] = (ways[w] + (w >= rank ? ways[w - rank] : 0)) / 2;
            }
        }

        double AtMost(double w) => ways.Take((int)w + 1).Sum();
        return alternative switch
        {
            Alternative.TwoSided => Math.Min(1, 2 * AtMost(Math.Min(plus, minus))),
            Alternative.Greater => AtMost(minus), // The distribution is symmetric: P(W+ ≥ w) = P(W− ≤ n(n+1)/2 − w).
            _ => AtMost(plus),
        };
    }

    private static double NormalP(double[] kept, int zeros, double plus, WilcoxonOptions options)
    {
        double n = kept.Length;
        double mean = n * (n + 1) / 4, variance = n * (n + 1) * (2 * n + 1);
        if (options.Pratt)
        {
            mean -= zeros * (zeros + 1.0) / 4;
            variance -= zeros * (zeros + 1.0) * (2.0 * zeros + 1);
        }

        foreach (int size in kept.Where(value => value != 0).GroupBy(Math.Abs).Select(group => group.Count()))
        {
            variance -= ((double)size * size * size - size) / 2;
        }

        variance /= 24;
        if (variance == 0)
        {
            return 1;
        }

        double z = plus - mean;
        if (options.ContinuityCorrection)
        {
            z -= options.Alternative switch { Alternative.TwoSided => 0.5 * Math.Sign(z), Alternative.Greater => 0.5, _ => -0.5 };
        }

        z /= Math.Sqrt(variance);
        return options.Alternative switch
        {
            Alternative.TwoSided => SpecialFunctions.Erfc(Math.Abs(z) / Math.Sqrt(2)),
            Alternative.Greater => SpecialFunctions.Erfc(z / Math.Sqrt(2)) / 2,
            _ => SpecialFunctions.Erfc(-z / Math.Sqrt(2)) / 2,
        };
    }
}
