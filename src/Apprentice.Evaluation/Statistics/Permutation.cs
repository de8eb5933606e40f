namespace Apprentice.Evaluation;

/// <summary>Paired permutation tests: under the null hypothesis the two results of an item may be exchanged.</summary>
public static class Permutation
{
    // Differences that are equal on paper differ in the last bits when summed in another order.
    private const double Tolerance = 1e-12;

    /// <summary>Largest number of items for which <see cref="SignFlip"/> goes through all sign patterns (about a million).</summary>
    public const int ExactLimit = 20;

    /// <summary>Sign-flip test of the mean difference: exact up to <see cref="ExactLimit"/> items, else by random flips.</summary>
    /// <param name="differences">One difference a − b for each item.</param>
    /// <param name="options">Number of random flips and seed, or null for the defaults.</param>
    /// <returns>Two-sided p and p of 'a is greater'; for random flips (1 + hits) / (1 + flips), so never 0.</returns>
    public static (double TwoSided, double Greater) SignFlip(ReadOnlySpan<double> differences, ResamplingOptions? options = null)
    {
        options ??= new ResamplingOptions();
        double[] values = differences.ToArray();
        int n = values.Length;
        if (n == 0)
        {
            return (1, 1);
        }

        double observed = values.Sum() / n;
        if (n <= ExactLimit)
        {
            long patterns = 1L << n, both = 0, greater = 0;
            for (long pattern = 0; pattern < patterns; pattern++)
            {
                double sum = 0;
                for (int i = 0; i < n; i++)
                {
                    sum += (pattern >> i & 1) == 0 ? values[i] : -values[i];
                }

                both += Math.Abs(sum / n) >= Math.Abs(observed) - Tolerance ? 1 : 0;
                greater += sum / n >= observed - Tolerance ? 1 : 0;
            }

            return ((double)both / patterns, (double)greater / patterns);
        }

        int twoSided = 0, oneSided = 0;
        Parallel.For(0, options.Resamples, flip =>
        {
            SplitMix random = SplitMix.Stream(options.Seed, (ulong)flip);
            double sum = 0;
            ulong bits = 0;
            for (int i = 0; i < values.Length; i++)
            {
                bits = (i & 63) == 0 ? random.Next() : bits >> 1;
                sum += (bits & 1) == 0 ? values[i] : -values[i];
            }

            if (Math.Abs(sum / n) >= Math.Abs(observed) - Tolerance)
            {
                Interlocked.Increment(ref twoSided);
            }

            if (sum / n >= observed - Tolerance)
            {
                Interlocked.Increment(ref oneSided);
            }
        });
        return ((1.0 + twoSided) / (1 + options.Resamples), (1.0 + oneSided) / (1 + options.Resamples));
    }

    /// <summary>Exchange test of the difference of two ratios (F1 and the like): the contributions of an item are exchanged at random.</summary>
    /// <remarks>Approximate randomization, as in Noreen, 1989. For means it is the sign-flip test.</remarks>
    /// <param name="a">First ratio.</param>
    /// <param name="b">Second ratio over the same items.</param>
    /// <param name="options">Number of random exchanges and seed, or null for the defaults.</param>
    /// <returns>Two-sided p, (1 + hits) / (1 + exchanges); NaN when a ratio is undefined.</returns>
    public static double Exchange(RatioStatistic a, RatioStatistic b, ResamplingOptions? options = null)
    {
        options ??= new ResamplingOptions();
        if (a.Items != b.Items)
        {
            throw new ArgumentException($"The first ratio has {a.Items} items, the second {b.Items}.", nameof(b));
        }

        double observed = Math.Abs(a.Point() - b.Point());
        if (double.IsNaN(observed))
        {
            return double.NaN;
        }

        int n = a.Items;
        double numeratorA = 0, denominatorA = 0, numeratorB = 0, denominatorB = 0;
        double[] numerators = new double[n], denominators = new double[n];
        for (int i = 0; i < n; i++)
        {
            numeratorA += a.Numerators[i];
            denominatorA += a.Denominators[i];
            numeratorB += b.Numerators[i];
            denominatorB += b.Denominators[i];
            numerators[i] = b.Numerators[i] - a.Numerators[i];
            denominators[i] = b.Denominators[i] - a.Denominators[i];
        }

        int hits = 0;
        Parallel.For(0, options.Resamples, exchange =>
        {
            SplitMix random = SplitMix.Stream(options.Seed, (ulong)exchange);
            double numerator = 0, denominator = 0;
            ulong bits = 0;
            for (int i = 0; i < numerators.Length; i++)
            {
                bits = (i & 63) == 0 ? random.Next() : bits >> 1;
                double take = bits & 1;
                numerator += take * numerators[i];
                denominator += take * denominators[i];
            }

            double difference = a.Divide(numeratorA + numerator, denominatorA + denominator) - b.Divide(numeratorB - numerator, denominatorB - denominator);
            if (Math.Abs(difference) >= observed - Tolerance)
            {
                Interlocked.Increment(ref hits);
            }
        });
        return (1.0 + hits) / (1 + options.Resamples);
    }
}
