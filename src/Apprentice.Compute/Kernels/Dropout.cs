using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>Dropout: sets a share of the values to zero and lets the others grow by 1/(1 − rate).</summary>
/// <remarks>Srivastava et al., 2014, JMLR 15, in the inverted form. The mask comes from a <see cref="RandomStream"/> by index, so the same call on gradients is the backward pass.</remarks>
public static unsafe partial class Dropout
{
    // A power of two, so that the indices of a block share their upper half and with it the keys.
    private const int BlockLength = 16384;

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
        Work work = new()
        {
            X = x,
            Y = y,
            Count = count,
            Threshold = RandomStream.DropThreshold(rate),
            Growth = 1 / (1 - rate),
            Random = random,
        };
        Wide.Run(workers, checked((int)((count + BlockLength - 1) / BlockLength)), work);
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

    private struct Work : IWideWork
    {
        public float* X, Y;
        public long Count;
        public int Threshold;
        public float Growth;
        public RandomStream Random;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int block)
            where L : struct, ILanes<L>
        {
            long i = (long)block * BlockLength;
            long end = Math.Min(Count, i + BlockLength);
            Random.Keys((uint)(i >> 32), out uint inner, out uint outer);
            L growth = L.Of(Growth);
            for (; i + L.Count <= end; i += L.Count)
            {
                L.Store(L.KeepOrZero(L.Load(X + i) * growth, (uint)i, inner, outer, Threshold), Y + i);
            }

            for (; i < end; i++)
            {
                LanesScalar.Store(LanesScalar.KeepOrZero(LanesScalar.Of(X[i] * Growth), (uint)i, inner, outer, Threshold), Y + i);
            }
        }
    }
}
