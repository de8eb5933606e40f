using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>Softmax of each row: exp(x) / Σ exp(x).</summary>
public static unsafe partial class Softmax
{
    /// <summary>Replaces every row by its softmax.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Rows, shape [rows, width]; changed in place.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Length of a row.</param>
    public static void RowsInPlace(Workers workers, float* x, int rows, int width) =>
        Wide.Run(workers, RowBlocks.Count(rows, RowBlocks.Rows(width)), new Work { X = x, Rows = rows, Width = width });

    /// <summary>Writes exp(x − largest x) and returns their sum and the largest x. Input and output may be one row.</summary>
    /// <remarks>The largest value is subtracted so that no exponential overflows. Sums of 2048 terms are joined in double precision: a vocabulary is too long for one float32 sum.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static double Exponentials<L>(float* x, int width, float* y, out float largest)
        where L : struct, ILanes<L>
    {
        int i = 0;
        L most = L.Of(float.NegativeInfinity);
        for (; i + L.Count <= width; i += L.Count)
        {
            most = L.Max(most, L.Load(x + i));
        }

        largest = L.Largest(most);
        for (; i < width; i++)
        {
            largest = Math.Max(largest, x[i]);
        }

        double sum = 0;
        i = 0;
        while (i + L.Count <= width)
        {
            L sums = L.Of(0);
            int end = Math.Min(width, i + 2048);
            for (; i + L.Count <= end; i += L.Count)
            {
                L e = LanesMath.Exp(L.Load(x + i) - L.Of(largest));
                sums += e;
                L.Store(e, y + i);
            }

            sum += L.Sum(sums);
        }

        for (; i < width; i++)
        {
            LanesScalar.Store(LanesMath.Exp(LanesScalar.Of(x[i] - largest)), y + i);
            sum += y[i];
        }

        return sum;
    }

    /// <summary>Multiplies a row by a factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Scale<L>(float* x, int width, float factor)
        where L : struct, ILanes<L>
    {
        int i = 0;
        for (; i + L.Count <= width; i += L.Count)
        {
            L.Store(L.Load(x + i) * L.Of(factor), x + i);
        }

        for (; i < width; i++)
        {
            x[i] *= factor;
        }
    }

    /// <summary>The definition.</summary>
    internal static void Reference(float* x, int rows, int width)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> line = new(x + ((long)row * width), width);

            // The largest value is subtracted so that no exponential overflows.
            float largest = float.NegativeInfinity;
            foreach (float value in line)
            {
                largest = Math.Max(largest, value);
            }

            double sum = 0;
            foreach (float value in line)
            {
                sum += Math.Exp((double)value - largest);
            }

            foreach (ref float value in line)
            {
                value = (float)(Math.Exp((double)value - largest) / sum);
            }
        }
    }

    private struct Work : IWideWork
    {
        public float* X;
        public int Rows, Width;

        public readonly void Run<L>(int block)
            where L : struct, ILanes<L>
        {
            int size = RowBlocks.Rows(Width);
            for (int row = block * size; row < Math.Min(Rows, (block + 1) * size); row++)
            {
                float* line = X + ((long)row * Width);
                double sum = Exponentials<L>(line, Width, line, out _);
                Scale<L>(line, Width, (float)(1 / sum));
            }
        }
    }
}
