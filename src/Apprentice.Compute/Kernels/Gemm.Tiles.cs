using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

// The micro-kernels: a tile of C stays in registers while a packed column panel and a packed row panel pass by.
// 8 rows by 3 registers use 24 of the 32 AVX-512 registers as sums; 6 by 2 use 12 of the 16 of AVX2. The rows are written out
// because the compiler keeps only named locals in registers, not elements of an array.
public static unsafe partial class Gemm
{
    /// <summary>What becomes of the sums of a tile.</summary>
    private readonly struct TileTarget(long stride, float alpha, float beta, float* bias)
    {
        /// <summary>Distance of the target's rows in values.</summary>
        public readonly long Stride = stride;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Write<L>(L sum, float* place, int column)
            where L : struct, ILanes<L>
        {
            sum *= L.Of(alpha);
            if (beta != 0)
            {
                // β 0 must not touch what C holds: 0 · NaN would be NaN.
                sum = L.MultiplyAdd(L.Of(beta), L.Load(place), sum);
            }

            if (bias is not null)
            {
                sum += L.Load(bias + column);
            }

            L.Store(sum, place);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x3<L>(int k, float* a, float* b, in TileTarget target, float* c)
        where L : struct, ILanes<L>
    {
        L c00 = default, c01 = default, c02 = default;
        L c10 = default, c11 = default, c12 = default;
        L c20 = default, c21 = default, c22 = default;
        L c30 = default, c31 = default, c32 = default;
        L c40 = default, c41 = default, c42 = default;
        L c50 = default, c51 = default, c52 = default;
        L c60 = default, c61 = default, c62 = default;
        L c70 = default, c71 = default, c72 = default;
        for (int p = 0; p < k; p++, a += 8, b += 3 * L.Count)
        {
            L b0 = L.Load(b);
            L b1 = L.Load(b + L.Count);
            L b2 = L.Load(b + (2 * L.Count));
            L a0 = L.Of(a[0]);
            c00 = L.MultiplyAdd(a0, b0, c00);
            c01 = L.MultiplyAdd(a0, b1, c01);
            c02 = L.MultiplyAdd(a0, b2, c02);
            L a1 = L.Of(a[1]);
            c10 = L.MultiplyAdd(a1, b0, c10);
            c11 = L.MultiplyAdd(a1, b1, c11);
            c12 = L.MultiplyAdd(a1, b2, c12);
            L a2 = L.Of(a[2]);
            c20 = L.MultiplyAdd(a2, b0, c20);
            c21 = L.MultiplyAdd(a2, b1, c21);
            c22 = L.MultiplyAdd(a2, b2, c22);
            L a3 = L.Of(a[3]);
            c30 = L.MultiplyAdd(a3, b0, c30);
            c31 = L.MultiplyAdd(a3, b1, c31);
            c32 = L.MultiplyAdd(a3, b2, c32);
            L a4 = L.Of(a[4]);
            c40 = L.MultiplyAdd(a4, b0, c40);
            c41 = L.MultiplyAdd(a4, b1, c41);
            c42 = L.MultiplyAdd(a4, b2, c42);
            L a5 = L.Of(a[5]);
            c50 = L.MultiplyAdd(a5, b0, c50);
            c51 = L.MultiplyAdd(a5, b1, c51);
            c52 = L.MultiplyAdd(a5, b2, c52);
            L a6 = L.Of(a[6]);
            c60 = L.MultiplyAdd(a6, b0, c60);
            c61 = L.MultiplyAdd(a6, b1, c61);
            c62 = L.MultiplyAdd(a6, b2, c62);
            L a7 = L.Of(a[7]);
            c70 = L.MultiplyAdd(a7, b0, c70);
            c71 = L.MultiplyAdd(a7, b1, c71);
            c72 = L.MultiplyAdd(a7, b2, c72);
        }

        target.Write(c00, c, 0);
        target.Write(c01, c + L.Count, L.Count);
        target.Write(c02, c + (2 * L.Count), 2 * L.Count);
        target.Write(c10, c + target.Stride, 0);
        target.Write(c11, c + target.Stride + L.Count, L.Count);
        target.Write(c12, c + target.Stride + (2 * L.Count), 2 * L.Count);
        target.Write(c20, c + (2 * target.Stride), 0);
        target.Write(c21, c + (2 * target.Stride) + L.Count, L.Count);
        target.Write(c22, c + (2 * target.Stride) + (2 * L.Count), 2 * L.Count);
        target.Write(c30, c + (3 * target.Stride), 0);
        target.Write(c31, c + (3 * target.Stride) + L.Count, L.Count);
        target.Write(c32, c + (3 * target.Stride) + (2 * L.Count), 2 * L.Count);
        target.Write(c40, c + (4 * target.Stride), 0);
        target.Write(c41, c + (4 * target.Stride) + L.Count, L.Count);
        target.Write(c42, c + (4 * target.Stride) + (2 * L.Count), 2 * L.Count);
        target.Write(c50, c + (5 * target.Stride), 0);
        target.Write(c51, c + (5 * target.Stride) + L.Count, L.Count);
        target.Write(c52, c + (5 * target.Stride) + (2 * L.Count), 2 * L.Count);
        target.Write(c60, c + (6 * target.Stride), 0);
        target.Write(c61, c + (6 * target.Stride) + L.Count, L.Count);
        target.Write(c62, c + (6 * target.Stride) + (2 * L.Count), 2 * L.Count);
        target.Write(c70, c + (7 * target.Stride), 0);
        target.Write(c71, c + (7 * target.Stride) + L.Count, L.Count);
        target.Write(c72, c + (7 * target.Stride) + (2 * L.Count), 2 * L.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x2<L>(int k, float* a, float* b, in TileTarget target, float* c)
        where L : struct, ILanes<L>
    {
        L c00 = default, c01 = default;
        L c10 = default, c11 = default;
        L c20 = default, c21 = default;
        L c30 = default, c31 = default;
        L c40 = default, c41 = default;
        L c50 = default, c51 = default;
        L c60 = default, c61 = default;
        L c70 = default, c71 = default;
        for (int p = 0; p < k; p++, a += 8, b += 2 * L.Count)
        {
            L b0 = L.Load(b);
            L b1 = L.Load(b + L.Count);
            L a0 = L.Of(a[0]);
            c00 = L.MultiplyAdd(a0, b0, c00);
            c01 = L.MultiplyAdd(a0, b1, c01);
            L a1 = L.Of(a[1]);
            c10 = L.MultiplyAdd(a1, b0, c10);
            c11 = L.MultiplyAdd(a1, b1, c11);
            L a2 = L.Of(a[2]);
            c20 = L.MultiplyAdd(a2, b0, c20);
            c21 = L.MultiplyAdd(a2, b1, c21);
            L a3 = L.Of(a[3]);
            c30 = L.MultiplyAdd(a3, b0, c30);
            c31 = L.MultiplyAdd(a3, b1, c31);
            L a4 = L.Of(a[4]);
            c40 = L.MultiplyAdd(a4, b0, c40);
            c41 = L.MultiplyAdd(a4, b1, c41);
            L a5 = L.Of(a[5]);
            c50 = L.MultiplyAdd(a5, b0, c50);
            c51 = L.MultiplyAdd(a5, b1, c51);
            L a6 = L.Of(a[6]);
            c60 = L.MultiplyAdd(a6, b0, c60);
            c61 = L.MultiplyAdd(a6, b1, c61);
            L a7 = L.Of(a[7]);
            c70 = L.MultiplyAdd(a7, b0, c70);
            c71 = L.MultiplyAdd(a7, b1, c71);
        }

        target.Write(c00, c, 0);
        target.Write(c01, c + L.Count, L.Count);
        target.Write(c10, c + target.Stride, 0);
        target.Write(c11, c + target.Stride + L.Count, L.Count);
        target.Write(c20, c + (2 * target.Stride), 0);
        target.Write(c21, c + (2 * target.Stride) + L.Count, L.Count);
        target.Write(c30, c + (3 * target.Stride), 0);
        target.Write(c31, c + (3 * target.Stride) + L.Count, L.Count);
        target.Write(c40, c + (4 * target.Stride), 0);
        target.Write(c41, c + (4 * target.Stride) + L.Count, L.Count);
        target.Write(c50, c + (5 * target.Stride), 0);
        target.Write(c51, c + (5 * target.Stride) + L.Count, L.Count);
        target.Write(c60, c + (6 * target.Stride), 0);
        target.Write(c61, c + (6 * target.Stride) + L.Count, L.Count);
        target.Write(c70, c + (7 * target.Stride), 0);
        target.Write(c71, c + (7 * target.Stride) + L.Count, L.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x1<L>(int k, float* a, float* b, in TileTarget target, float* c)
        where L : struct, ILanes<L>
    {
        L c00 = default;
        L c10 = default;
        L c20 = default;
        L c30 = default;
        L c40 = default;
        L c50 = default;
        L c60 = default;
        L c70 = default;
        for (int p = 0; p < k; p++, a += 8, b += 1 * L.Count)
        {
            L b0 = L.Load(b);
            L a0 = L.Of(a[0]);
            c00 = L.MultiplyAdd(a0, b0, c00);
            L a1 = L.Of(a[1]);
            c10 = L.MultiplyAdd(a1, b0, c10);
            L a2 = L.Of(a[2]);
            c20 = L.MultiplyAdd(a2, b0, c20);
            L a3 = L.Of(a[3]);
            c30 = L.MultiplyAdd(a3, b0, c30);
            L a4 = L.Of(a[4]);
            c40 = L.MultiplyAdd(a4, b0, c40);
            L a5 = L.Of(a[5]);
            c50 = L.MultiplyAdd(a5, b0, c50);
            L a6 = L.Of(a[6]);
            c60 = L.MultiplyAdd(a6, b0, c60);
            L a7 = L.Of(a[7]);
            c70 = L.MultiplyAdd(a7, b0, c70);
        }

        target.Write(c00, c, 0);
        target.Write(c10, c + target.Stride, 0);
        target.Write(c20, c + (2 * target.Stride), 0);
        target.Write(c30, c + (3 * target.Stride), 0);
        target.Write(c40, c + (4 * target.Stride), 0);
        target.Write(c50, c + (5 * target.Stride), 0);
        target.Write(c60, c + (6 * target.Stride), 0);
        target.Write(c70, c + (7 * target.Stride), 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6x2<L>(int k, float* a, float* b, in TileTarget target, float* c)
        where L : struct, ILanes<L>
    {
        L c00 = default, c01 = default;
        L c10 = default, c11 = default;
        L c20 = default, c21 = default;
        L c30 = default, c31 = default;
        L c40 = default, c41 = default;
        L c50 = default, c51 = default;
        for (int p = 0; p < k; p++, a += 6, b += 2 * L.Count)
        {
            L b0 = L.Load(b);
            L b1 = L.Load(b + L.Count);
            L a0 = L.Of(a[0]);
            c00 = L.MultiplyAdd(a0, b0, c00);
            c01 = L.MultiplyAdd(a0, b1, c01);
            L a1 = L.Of(a[1]);
            c10 = L.MultiplyAdd(a1, b0, c10);
            c11 = L.MultiplyAdd(a1, b1, c11);
            L a2 = L.Of(a[2]);
            c20 = L.MultiplyAdd(a2, b0, c20);
            c21 = L.MultiplyAdd(a2, b1, c21);
            L a3 = L.Of(a[3]);
            c30 = L.MultiplyAdd(a3, b0, c30);
            c31 = L.MultiplyAdd(a3, b1, c31);
            L a4 = L.Of(a[4]);
            c40 = L.MultiplyAdd(a4, b0, c40);
            c41 = L.MultiplyAdd(a4, b1, c41);
            L a5 = L.Of(a[5]);
            c50 = L.MultiplyAdd(a5, b0, c50);
            c51 = L.MultiplyAdd(a5, b1, c51);
        }

        target.Write(c00, c, 0);
        target.Write(c01, c + L.Count, L.Count);
        target.Write(c10, c + target.Stride, 0);
        target.Write(c11, c + target.Stride + L.Count, L.Count);
        target.Write(c20, c + (2 * target.Stride), 0);
        target.Write(c21, c + (2 * target.Stride) + L.Count, L.Count);
        target.Write(c30, c + (3 * target.Stride), 0);
        target.Write(c31, c + (3 * target.Stride) + L.Count, L.Count);
        target.Write(c40, c + (4 * target.Stride), 0);
        target.Write(c41, c + (4 * target.Stride) + L.Count, L.Count);
        target.Write(c50, c + (5 * target.Stride), 0);
        target.Write(c51, c + (5 * target.Stride) + L.Count, L.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6x1<L>(int k, float* a, float* b, in TileTarget target, float* c)
        where L : struct, ILanes<L>
    {
        L c00 = default;
        L c10 = default;
        L c20 = default;
        L c30 = default;
        L c40 = default;
        L c50 = default;
        for (int p = 0; p < k; p++, a += 6, b += 1 * L.Count)
        {
            L b0 = L.Load(b);
            L a0 = L.Of(a[0]);
            c00 = L.MultiplyAdd(a0, b0, c00);
            L a1 = L.Of(a[1]);
            c10 = L.MultiplyAdd(a1, b0, c10);
            L a2 = L.Of(a[2]);
            c20 = L.MultiplyAdd(a2, b0, c20);
            L a3 = L.Of(a[3]);
            c30 = L.MultiplyAdd(a3, b0, c30);
            L a4 = L.Of(a[4]);
            c40 = L.MultiplyAdd(a4, b0, c40);
            L a5 = L.Of(a[5]);
            c50 = L.MultiplyAdd(a5, b0, c50);
        }

        target.Write(c00, c, 0);
        target.Write(c10, c + target.Stride, 0);
        target.Write(c20, c + (2 * target.Stride), 0);
        target.Write(c30, c + (3 * target.Stride), 0);
        target.Write(c40, c + (4 * target.Stride), 0);
        target.Write(c50, c + (5 * target.Stride), 0);
    }
}
