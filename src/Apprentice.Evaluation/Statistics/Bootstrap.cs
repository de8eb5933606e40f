namespace Apprentice.Evaluation;

/// <summary>Settings of resampling.</summary>
public sealed record ResamplingOptions
{
    /// <summary>Number of resamples. Default 10,000: the ends of a 95 % interval then move by less than a tenth of its width from seed to seed.</summary>
    public int Resamples { get; init; } = 10_000;

    /// <summary>Share of the resamples inside an interval. Default 0.95.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Seed of the random stream. Default 20240815; any number serves, a fixed one makes reports repeatable.</summary>
    public ulong Seed { get; init; } = 20240815;

    /// <summary>Every problem with these settings, or none.</summary>
    public IEnumerable<string> Problems()
    {
        if (Resamples < 1)
        {
            yield return $"Resamples is {Resamples}; expected at least 1.";
        }

        if (!(Confidence is > 0 and < 1))
        {
            yield return $"Confidence is {Confidence}; expected a number between 0 and 1.";
        }
    }
}

/// <summary>Percentile bootstrap: items are drawn with replacement, the statistic is computed again, the interval spans the middle of the results.</summary>
/// <remarks>Each resample has its own random stream, so results do not depend on the number of threads.</remarks>
public static class Bootstrap
{
    private const int Chunk = 50;

    /// <summary>Intervals of several statistics over the same items and the same resamples.</summary>
    /// <param name="statistics">Statistics with the same number of items.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <param name="groups">Group of each item, or null: with groups whole groups are drawn (projects or problems, say) instead of single items.</param>
    public static Estimate[] Intervals(IReadOnlyList<IWeightedStatistic> statistics, ResamplingOptions? options = null, IReadOnlyList<int>? groups = null)
    {
        options ??= new ResamplingOptions();
        double[][] samples = Samples(statistics, options, groups);
        Estimate[] estimates = new Estimate[statistics.Count];
        for (int i = 0; i < estimates.Length; i++)
        {
            (double low, double high) = Interval(samples[i], options.Confidence);
            estimates[i] = new Estimate(statistics[i].Point(), low, high);
        }

        return estimates;
    }

    /// <summary>The values of several statistics on the same resamples: <c>[statistic][resample]</c>.</summary>
    /// <param name="statistics">Statistics with the same number of items.</param>
    /// <param name="options">Settings.</param>
    /// <param name="groups">Group of each item, or null to draw single items.</param>
    /// <exception cref="ArgumentException">The options have a problem, or the numbers of items differ.</exception>
    public static double[][] Samples(IReadOnlyList<IWeightedStatistic> statistics, ResamplingOptions options, IReadOnlyList<int>? groups = null)
    {
        string problems = string.Join(" ", options.Problems());
        if (problems.Length > 0)
        {
            throw new ArgumentException(problems, nameof(options));
        }

        if (statistics.Count == 0)
        {
            return [];
        }

        int items = statistics[0].Items;
        if (statistics.Any(statistic => statistic.Items != items) || (groups is not null && groups.Count != items))
        {
            throw new ArgumentException("Statistics and groups have different numbers of items.", nameof(statistics));
        }

        // Many ratios share a numerator or denominator: each array of contributions is summed once.
        List<double[]> shared = [];
        int Place(double[] array)
        {
            int place = shared.FindIndex(other => ReferenceEquals(other, array));
            if (place < 0)
            {
                place = shared.Count;
                shared.Add(array);
            }

            return place;
        }

        int[] numerator = [.. statistics.Select(statistic => statistic is RatioStatistic ratio ? Place(ratio.NumeratorArray) : -1)];
        int[] denominator = [.. statistics.Select(statistic => statistic is RatioStatistic ratio ? Place(ratio.DenominatorArray) : -1)];
        double[][] contributions = [.. shared];
        double[][] samples = [.. statistics.Select(_ => new double[options.Resamples])];
        int drawn = groups is null ? items : groups.Count == 0 ? 0 : groups.Max() + 1;
        Parallel.For(0, (options.Resamples + Chunk - 1) / Chunk, chunk =>
        {
            double[] sums = new double[contributions.Length];
            double[] counts = new double[drawn];
            double[] weights = groups is null ? counts : new double[items];
            int last = Math.Min(options.Resamples, (chunk + 1) * Chunk);
            for (int resample = chunk * Chunk; resample < last; resample++)
            {
                SplitMix random = SplitMix.Stream(options.Seed, (ulong)resample);
                Array.Clear(counts);
                for (int i = 0; i < drawn; i++)
                {
                    counts[random.Below(drawn)]++;
                }

                if (groups is not null)
                {
                    for (int i = 0; i < items; i++)
                    {
                        weights[i] = counts[groups[i]];
                    }
                }

                for (int i = 0; i < contributions.Length; i++)
                {
                    sums[i] = RatioStatistic.Dot(contributions[i], weights);
                }

                for (int s = 0; s < samples.Length; s++)
                {
                    samples[s][resample] = statistics[s] is RatioStatistic ratio
                        ? ratio.Divide(sums[numerator[s]], sums[denominator[s]])
                        : statistics[s].Evaluate(weights);
                }
            }
        });
        return samples;
    }

    /// <summary>The middle share of resampled values; undefined values (NaN) are left out.</summary>
    /// <param name="samples">Resampled values, in any order.</param>
    /// <param name="confidence">Share inside, for example 0.95.</param>
    public static (double Low, double High) Interval(ReadOnlySpan<double> samples, double confidence)
    {
        double[] sorted = samples.ToArray();
        Array.Sort(sorted); // NaN sorts first.
        int undefined = sorted.TakeWhile(double.IsNaN).Count();
        ReadOnlySpan<double> defined = sorted.AsSpan(undefined);
        return (Quantile(defined, (1 - confidence) / 2), Quantile(defined, 1 - (1 - confidence) / 2));
    }

    /// <summary>Quantile with linear interpolation at position q (n − 1), as NumPy's default; NaN without values.</summary>
    /// <param name="sorted">Values in ascending order.</param>
    /// <param name="q">0 to 1.</param>
    public static double Quantile(ReadOnlySpan<double> sorted, double q)
    {
        if (sorted.IsEmpty)
        {
            return double.NaN;
        }

        double position = q * (sorted.Length - 1);
        int below = Math.Min((int)position, sorted.Length - 1);
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
    }
}

/// <summary>Small seeded generator (SplitMix64; Steele, Lea and Flood, 2014), one independent stream for each resample.</summary>
internal struct SplitMix
{
    private ulong _state;

    private SplitMix(ulong state) => _state = state;

    public static SplitMix Stream(ulong seed, ulong stream)
    {
        SplitMix first = new(seed ^ 0x6A09E667F3BCC909UL);
        return new SplitMix(first.Next() + Mix((stream + 1) * 0xD1342543DE82EF95UL));
    }

    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15UL);

    // Multiply-high: the bias is below items / 2^64.
    public int Below(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
