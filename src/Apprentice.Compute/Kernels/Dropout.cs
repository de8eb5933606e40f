namespace Apprentice.Compute;

/// <summary>Dropout: sets a share of the values to zero and lets the others grow by 1/(1 − rate).</summary>
/// <remarks>Srivastava et al., 2014, JMLR 15, in the inverted form. The mask comes from a <see cref="RandomStream"/> by index, so the same call on gradients is the backward pass.</remarks>
public static unsafe partial class Dropout
{
    /// <summary>Applies the mask of a stream.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Input, or the gradient of the output.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="rate">Share set to zero, in [0, 1).</param>
    /// <param name="random">Stream of the mask; place i decides value i.</param>
    /// <param name="y">Output, or the gradient of the input; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rate"/> is outside [0, 1).</exception>
    public static void Apply(Workers workers, float* x, long count, float rate, RandomStream random, float* y)
    {
        Check(rate);
        Reference(x, count, rate, random, y);
    }

    /// <summary>Refuses a rate outside [0, 1).</summary>
    internal static void Check(float rate)
    {
        if (!(rate >= 0 && rate < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(rate), rate, $"Dropout: the rate must lie in [0, 1), not at {rate}.");
        }
    }

    /// <summary>The definition.</summary>
    internal static void Reference(float* x, long count, float rate, RandomStream random, float* y)
    {
        int threshold = RandomStream.DropThreshold(rate);
        float growth = 1 / (1 - rate);
        for (long i = 0; i < count; i++)
        {
            y[i] = (random.UInt32((ulong)i) >> 8) >= threshold ? x[i] * growth : 0;
        }
    }
}
