using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>How kernels over rows cut their work, and how sums over rows are put together in one order.</summary>
internal static unsafe class RowBlocks
{
    /// <summary>Rows of a block of a reduction: few enough to keep all threads busy, enough that joining the partial sums costs little.</summary>
    public const int ReductionRows = 32;

    private const int BlockLength = 16384;

    /// <summary>Rows of a block of work that treats each row alone.</summary>
    public static int Rows(int width) => Math.Max(1, BlockLength / Math.Max(width, 1));

    public static int Count(int rows, int rowsPerBlock) => (rows + rowsPerBlock - 1) / rowsPerBlock;

    /// <summary>Adds partial sums to a vector, the first block first.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="partials">Sums of each block, <paramref name="stride"/> apart.</param>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="stride">Distance of one block's sums from the next one's.</param>
    /// <param name="width">Length of the vector.</param>
    /// <param name="target">Vector, added to.</param>
    public static void AddPartials(Workers workers, float* partials, int blocks, int stride, int width, float* target) =>
        Wide.Run(workers, Count(width, Join.Columns), new Join { Partials = partials, Blocks = blocks, Stride = stride, Width = width, Target = target });

    private struct Join : IWideWork
    {
        public const int Columns = 256;

        public float* Partials, Target;
        public int Blocks, Stride, Width;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int block)
            where L : struct, ILanes<L>
        {
            int end = Math.Min(Width, (block + 1) * Columns);
            int i = block * Columns;
            for (; i + L.Count <= end; i += L.Count)
            {
                Add<L>(i);
            }

            for (; i < end; i++)
            {
                Add<LanesScalar>(i);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Add<L>(int i)
            where L : struct, ILanes<L>
        {
            L sum = L.Load(Partials + i);
            for (int b = 1; b < Blocks; b++)
            {
                sum += L.Load(Partials + ((long)b * Stride) + i);
            }

            L.Store(L.Load(Target + i) + sum, Target + i);
        }
    }
}
