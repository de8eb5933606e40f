using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Apprentice.Compute;

// Packing: panels of a few rows of A or columns of B are stored so that the micro-kernel reads them front to back.
// A panel of width w holds, for each place of the sum, w neighbouring values; what is missing at the edge is zero.
public static unsafe partial class Gemm
{
    /// <summary>Packs one panel.</summary>
    /// <param name="across">True: the panel's values of one place lie side by side in memory; false: the places do.</param>
    /// <param name="from">First value of the panel at the first place.</param>
    /// <param name="stride">Distance of the stored rows.</param>
    /// <param name="filled">Values of the panel that exist.</param>
    /// <param name="width">Width of the panel.</param>
    /// <param name="k">Places.</param>
    /// <param name="to">The panel, k · width values.</param>
    private static void PackPanel(bool across, float* from, long stride, int filled, int width, int k, float* to)
    {
        if (across)
        {
            PackAcross(from, stride, filled, width, k, to);
        }
        else
        {
            PackTransposed(from, stride, filled, width, k, to);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackAcross(float* from, long stride, int filled, int width, int k, float* to)
    {
        if (filled == width && width % 8 == 0 && Vector256.IsHardwareAccelerated)
        {
            for (int p = 0; p < k; p++, from += stride, to += width)
            {
                for (int i = 0; i < width; i += 8)
                {
                    Vector256.Load(from + i).Store(to + i);
                }
            }

            return;
        }

        for (int p = 0; p < k; p++, from += stride, to += width)
        {
            for (int i = 0; i < width; i++)
            {
                to[i] = i < filled ? from[i] : 0;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackTransposed(float* from, long stride, int filled, int width, int k, float* to)
    {
        int done = 0;
        if (Avx.IsSupported)
        {
            for (; done + 8 <= filled; done += 8)
            {
                Transpose8(from + (done * stride), stride, width, k, to + done);
            }
        }

        // Four rows at a time keep four streams open, which the hardware prefetcher follows.
        for (; done + 4 <= filled; done += 4)
        {
            float* row0 = from + (done * stride);
            float* row1 = row0 + stride;
            float* row2 = row1 + stride;
            float* row3 = row2 + stride;
            float* place = to + done;
            int p = 0;
            if (Vector128.IsHardwareAccelerated)
            {
                for (; p + 4 <= k; p += 4, place += 4 * width)
                {
                    Vector128<float> a = Vector128.Load(row0 + p), b = Vector128.Load(row1 + p);
                    Vector128<float> c = Vector128.Load(row2 + p), d = Vector128.Load(row3 + p);
                    Vector128<float> ac0 = Low(a, c), ac1 = High(a, c), bd0 = Low(b, d), bd1 = High(b, d);
                    Low(ac0, bd0).Store(place);
                    High(ac0, bd0).Store(place + width);
                    Low(ac1, bd1).Store(place + (2 * width));
                    High(ac1, bd1).Store(place + (3 * width));
                }
            }

            for (; p < k; p++, place += width)
            {
                place[0] = row0[p];
                place[1] = row1[p];
                place[2] = row2[p];
                place[3] = row3[p];
            }
        }

        for (; done < width; done++)
        {
            float* row = from + (done * stride);
            float* place = to + done;
            for (int p = 0; p < k; p++, place += width)
            {
                *place = done < filled ? row[p] : 0;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose8(float* from, long stride, int width, int k, float* to)
    {
        int p = 0;
        for (; p + 8 <= k; p += 8, to += 8 * width)
        {
            float* row = from + p;
            Vector256<float> r0 = Vector256.Load(row), r1 = Vector256.Load(row + stride);
            Vector256<float> r2 = Vector256.Load(row + (2 * stride)), r3 = Vector256.Load(row + (3 * stride));
            Vector256<float> r4 = Vector256.Load(row + (4 * stride)), r5 = Vector256.Load(row + (5 * stride));
            Vector256<float> r6 = Vector256.Load(row + (6 * stride)), r7 = Vector256.Load(row + (7 * stride));
            Vector256<float> a0 = Avx.UnpackLow(r0, r1), a1 = Avx.UnpackHigh(r0, r1), a2 = Avx.UnpackLow(r2, r3), a3 = Avx.UnpackHigh(r2, r3);
            Vector256<float> a4 = Avx.UnpackLow(r4, r5), a5 = Avx.UnpackHigh(r4, r5), a6 = Avx.UnpackLow(r6, r7), a7 = Avx.UnpackHigh(r6, r7);
            Vector256<float> b0 = Avx.Shuffle(a0, a2, 0x44), b1 = Avx.Shuffle(a0, a2, 0xEE), b2 = Avx.Shuffle(a1, a3, 0x44), b3 = Avx.Shuffle(a1, a3, 0xEE);
            Vector256<float> b4 = Avx.Shuffle(a4, a6, 0x44), b5 = Avx.Shuffle(a4, a6, 0xEE), b6 = Avx.Shuffle(a5, a7, 0x44), b7 = Avx.Shuffle(a5, a7, 0xEE);
            Avx.Permute2x128(b0, b4, 0x20).Store(to);
            Avx.Permute2x128(b1, b5, 0x20).Store(to + width);
            Avx.Permute2x128(b2, b6, 0x20).Store(to + (2 * width));
            Avx.Permute2x128(b3, b7, 0x20).Store(to + (3 * width));
            Avx.Permute2x128(b0, b4, 0x31).Store(to + (4 * width));
            Avx.Permute2x128(b1, b5, 0x31).Store(to + (5 * width));
            Avx.Permute2x128(b2, b6, 0x31).Store(to + (6 * width));
            Avx.Permute2x128(b3, b7, 0x31).Store(to + (7 * width));
        }

        for (; p < k; p++, to += width)
        {
            for (int i = 0; i < 8; i++)
            {
                to[i] = from[(i * stride) + p];
            }
        }
    }
}
