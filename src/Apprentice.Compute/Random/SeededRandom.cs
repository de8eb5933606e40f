namespace Apprentice.Compute;

/// <summary>A seeded sequence of random numbers whose state can be stored and put back.</summary>
/// <remarks>SplitMix64 (Steele, Lea and Flood, 2014): the state is one number, so a resumed run continues with the same draws. Not thread-safe, not for secrets.</remarks>
public sealed class SeededRandom
{
    /// <summary>Starts the sequence of a seed.</summary>
    /// <param name="seed">Any number; equal seeds give equal sequences.</param>
    public SeededRandom(ulong seed) => State = Mix(seed + 0x9E3779B97F4A7C15UL);

    /// <summary>Where the sequence stands; setting it continues from there.</summary>
    public ulong State { get; set; }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64() => Mix(State += 0x9E3779B97F4A7C15UL);

    /// <summary>An unbiased integer from [0, <paramref name="max"/>).</summary>
    /// <param name="max">Exclusive upper end; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is below 1.</exception>
    public int NextInt(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);

        // Lemire, 2019, arXiv:1805.10941: the product's upper half is the draw; rejecting a thin slice removes the bias.
        ulong product = (NextUInt64() >> 32) * (ulong)max;
        if ((uint)product < (uint)max)
        {
            uint threshold = (uint)(-max) % (uint)max;
            while ((uint)product < threshold)
            {
                product = (NextUInt64() >> 32) * (ulong)max;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>A number from [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A draw from the normal distribution of mean 0 and deviation 1 (Box and Muller, 1958; one of the pair, so that the state stays one number).</summary>
    public double NextGaussian()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>Puts the items into random order (Fisher and Yates).</summary>
    /// <param name="items">Items to reorder in place.</param>
    /// <typeparam name="T">Kind of item.</typeparam>
    public void Shuffle<T>(Span<T> items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = NextInt(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    internal static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }
}
