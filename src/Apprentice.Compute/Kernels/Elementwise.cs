using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>Sums, factors and row vectors over whole arrays.</summary>
public static unsafe partial class Elementwise
{
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

    /// <summary>Adds a vector to every row.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Rows, shape [rows, width]; changed in place.</param>
    /// <param name="bias">Vector, shape [width].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Length of a row.</param>
    public static void AddBias(Workers workers, float* x, float* bias, int rows, int width)
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
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Values.</param>
    /// <param name="count">Number of values.</param>
    public static double SumOfSquares(Workers workers, float* x, long count)
    {
        double sum = 0;
        for (long i = 0; i < count; i++)
        {
            sum += (double)x[i] * x[i];
        }

        return sum;
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
