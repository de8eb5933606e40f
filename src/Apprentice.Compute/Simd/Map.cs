using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>A function of one or two values, written once for every register width.</summary>
internal interface IMap
{
    /// <summary>The function; <paramref name="b"/> is <paramref name="a"/> itself where it takes one value.</summary>
    L Apply<L>(L a, L b)
        where L : struct, ILanes<L>;
}

/// <summary>Applies a function to whole arrays, in blocks of fixed length.</summary>
internal static unsafe class Map
{
    private const int BlockLength = 16384;

    public static void Run<TMap>(Workers workers, float* a, float* b, long count, float* y, TMap map)
        where TMap : struct, IMap
    {
        int blocks = checked((int)((count + BlockLength - 1) / BlockLength));
        workers.Run(blocks, new Work<TMap> { A = a, B = b, Count = count, Y = y, Function = map });
    }

    private struct Work<TMap> : IBlockWork
        where TMap : struct, IMap
    {
        public float* A, B, Y;
        public long Count;
        public TMap Function;

        public void Run(int block)
        {
            long first = (long)block * BlockLength;
            int count = (int)Math.Min(BlockLength, Count - first);
            switch (Simd.Level)
            {
                case SimdLevel.Vector512:
                    Loop<Lanes512>(A + first, B + first, count, Y + first, Function);
                    break;
                case SimdLevel.Vector256:
                    Loop<Lanes256>(A + first, B + first, count, Y + first, Function);
                    break;
                case SimdLevel.Vector128:
                    Loop<Lanes128>(A + first, B + first, count, Y + first, Function);
                    break;
                default:
                    Loop<LanesScalar>(A + first, B + first, count, Y + first, Function);
                    break;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Loop<L>(float* a, float* b, int count, float* y, TMap map)
            where L : struct, ILanes<L>
        {
            int i = 0;
            for (; i + L.Count <= count; i += L.Count)
            {
                L.Store(map.Apply(L.Load(a + i), L.Load(b + i)), y + i);
            }

            for (; i < count; i++)
            {
                LanesScalar.Store(map.Apply(LanesScalar.Load(a + i), LanesScalar.Load(b + i)), y + i);
            }
        }
    }
}
