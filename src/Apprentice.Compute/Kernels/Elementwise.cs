using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>Sums, factors and row vectors over whole arrays.</summary>
public static unsafe partial class Elementwise
{
    private const int SquaresBlock = 65536;

    /// <summary>y = a + b.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="a">First summand.</param>
    /// <param name="b">Second summand.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="y">Sum; may be one of the summands.</param>
    public static void Add(Workers workers, float* a, float* b, long count, float* y) =>
        Map.Run(workers, a, b, count, y, default(Sum));

    /// <summary>y += x.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">What is added.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="y">Where it is added.</param>
    public static void AddInPlace(Workers workers, float* x, long count, float* y) => Add(workers, x, y, count, y);

    /// <summary>y = factor · x.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Input.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="factor">Factor.</param>
    /// <param name="y">Output; may be <paramref name="x"/> itself.</param>
    public static void Scale(Workers workers, float* x, long count, float factor, float* y) =>
        Map.Run(workers, x, x, count, y, new Product(factor));

    /// <summary>y = x.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Input.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="y">Output.</param>
    public static void Copy(Workers workers, float* x, long count, float* y) => Map.Run(workers, x, x, count, y, default(Same));

    /// <summary>Adds a vector to every row.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Rows, shape [rows, width]; changed in place.</param>
    /// <param name="bias">Vector, shape [width].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Length of a row.</param>
    public static void AddBias(Workers workers, float* x, float* bias, int rows, int width) =>
        Wide.Run(workers, RowBlocks.Count(rows, RowBlocks.Rows(width)), new BiasWork { X = x, Bias = bias, Rows = rows, Width = width });

    /// <summary>The definition of <see cref="AddBias"/>.</summary>
    internal static void AddBiasReference(float* x, float* bias, int rows, int width)
    {
        for (int row = 0; row < rows; row++)
        {
            float* line = x + ((long)row * width);
            for (int i = 0; i < width; i++)
            {
                line[i] += bias[i];
            }
        }
    }

    /// <summary>Adds the sum of all rows to a vector, in an order that the shape fixes.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="yGradient">Rows, shape [rows, width].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Length of a row.</param>
    /// <param name="biasGradient">Vector, shape [width]; added to.</param>
    public static void BiasGradient(Workers workers, float* yGradient, int rows, int width, float* biasGradient)
    {
        if (rows == 0)
        {
            return;
        }

        int blocks = RowBlocks.Count(rows, RowBlocks.ReductionRows);
        float* partials = Scratch.Get(ScratchPlace.Reduction, (long)blocks * width);
        Wide.Run(workers, blocks, new RowSumWork { X = yGradient, Partials = partials, Rows = rows, Width = width });
        RowBlocks.AddPartials(workers, partials, blocks, width, width, biasGradient);
    }

    /// <summary>The definition of <see cref="BiasGradient"/>.</summary>
    internal static void BiasGradientReference(float* yGradient, int rows, int width, float* biasGradient)
    {
        for (int row = 0; row < rows; row++)
        {
            float* line = yGradient + ((long)row * width);
            for (int i = 0; i < width; i++)
            {
                biasGradient[i] += line[i];
            }
        }
    }

    /// <summary>The sum of all squares, in double precision and an order that the count fixes.</summary>
    /// <remarks>Sums of 1024 squares are taken in float32, where squares below 1e-38 vanish; one that is not finite is taken again in double precision.</remarks>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Values.</param>
    /// <param name="count">Number of values.</param>
    public static double SumOfSquares(Workers workers, float* x, long count)
    {
        int blocks = checked((int)((count + SquaresBlock - 1) / SquaresBlock));
        double* partials = (double*)Scratch.Get(ScratchPlace.Reduction, 2L * blocks);
        Wide.Run(workers, blocks, new SquaresWork { X = x, Count = count, Partials = partials });
        double sum = 0;
        for (int block = 0; block < blocks; block++)
        {
            sum += partials[block];
        }

        return sum;
    }

    /// <summary>The definition of <see cref="SumOfSquares"/>.</summary>
    internal static double SumOfSquaresReference(float* x, long count)
    {
        double sum = 0;
        for (long i = 0; i < count; i++)
        {
            sum += (double)x[i] * x[i];
        }

        return sum;
    }

    private struct BiasWork : IWideWork
    {
        public float* X, Bias;
        public int Rows, Width;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int block)
            where L : struct, ILanes<L>
        {
            int size = RowBlocks.Rows(Width);
            int end = Math.Min(Rows, (block + 1) * size);
            for (int row = block * size; row < end; row++)
            {
                float* line = X + ((long)row * Width);
                int i = 0;
                for (; i + L.Count <= Width; i += L.Count)
                {
                    L.Store(L.Load(line + i) + L.Load(Bias + i), line + i);
                }

                for (; i < Width; i++)
                {
                    line[i] += Bias[i];
                }
            }
        }
    }

    /// <summary>Sums the rows of one block into its partial row, four rows a pass.</summary>
    private struct RowSumWork : IWideWork
    {
        public float* X, Partials;
        public int Rows, Width;

        public readonly void Run<L>(int block)
            where L : struct, ILanes<L>
        {
            float* sums = Partials + ((long)block * Width);
            new Span<float>(sums, Width).Clear();
            int row = block * RowBlocks.ReductionRows;
            int end = Math.Min(Rows, row + RowBlocks.ReductionRows);
            for (; row + 4 <= end; row += 4)
            {
                AddFour<L>(X + ((long)row * Width), sums);
            }

            for (; row < end; row++)
            {
                RowOperations.AddScaled<L>(X + ((long)row * Width), 1, sums, Width);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void AddFour<L>(float* rows, float* sums)
            where L : struct, ILanes<L>
        {
            int i = 0;
            for (; i + L.Count <= Width; i += L.Count)
            {
                L a = L.Load(rows + i) + L.Load(rows + Width + i);
                L b = L.Load(rows + (2L * Width) + i) + L.Load(rows + (3L * Width) + i);
                L.Store(L.Load(sums + i) + (a + b), sums + i);
            }

            for (; i < Width; i++)
            {
                sums[i] += rows[i] + rows[Width + i] + (rows[(2L * Width) + i] + rows[(3L * Width) + i]);
            }
        }
    }

    private struct SquaresWork : IWideWork
    {
        private const int Piece = 1024;

        public float* X;
        public long Count;
        public double* Partials;

        public readonly void Run<L>(int block)
            where L : struct, ILanes<L>
        {
            double sum = 0;
            long end = Math.Min(Count, (long)(block + 1) * SquaresBlock);
            for (long first = (long)block * SquaresBlock; first < end; first += Piece)
            {
                int count = (int)Math.Min(Piece, end - first);
                float part = Squares<L>(X + first, count);
                sum += float.IsFinite(part) ? part : SumOfSquaresReference(X + first, count);
            }

            Partials[block] = sum;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Squares<L>(float* x, int count)
            where L : struct, ILanes<L>
        {
            L even = L.Of(0);
            L odd = L.Of(0);
            int i = 0;
            for (; i + (2 * L.Count) <= count; i += 2 * L.Count)
            {
                L a = L.Load(x + i);
                L b = L.Load(x + i + L.Count);
                even = L.MultiplyAdd(a, a, even);
                odd = L.MultiplyAdd(b, b, odd);
            }

            float sum = L.Sum(even + odd);
            for (; i < count; i++)
            {
                sum += x[i] * x[i];
            }

            return sum;
        }
    }

    private readonly struct Same : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public L Apply<L>(L a, L b)
            where L : struct, ILanes<L> => a;
    }

    private readonly struct Sum : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public L Apply<L>(L a, L b)
            where L : struct, ILanes<L> => a + b;
    }

    private readonly struct Product(float factor) : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public L Apply<L>(L a, L b)
            where L : struct, ILanes<L> => a * L.Of(factor);
    }
}
