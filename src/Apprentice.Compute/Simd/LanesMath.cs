using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>Functions over registers, accurate to a few units in the last place.</summary>
internal static class LanesMath
{
    /// <summary>eˣ; 0 below −87.3, where results would be denormal, and infinity above 88.7.</summary>
    /// <remarks>x = n · ln 2 + r, then a polynomial in r; coefficients of Cephes' expf (Moshier, 1989).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Exp<L>(L x)
        where L : struct, ILanes<L>
    {
        // Adding 1.5 · 2²³ leaves the nearest integer in the lowest bits.
        L shifted = L.MultiplyAdd(x, L.Of(1.44269504f), L.Of(12582912f));
        L n = shifted - L.Of(12582912f);
        L r = L.MultiplyAdd(n, L.Of(-0.693359375f), x);
        r = L.MultiplyAdd(n, L.Of(2.12194440e-4f), r);
        L p = L.Of(1.9875691500e-4f);
        p = L.MultiplyAdd(p, r, L.Of(1.3981999507e-3f));
        p = L.MultiplyAdd(p, r, L.Of(8.3334519073e-3f));
        p = L.MultiplyAdd(p, r, L.Of(4.1665795894e-2f));
        p = L.MultiplyAdd(p, r, L.Of(1.6666665459e-1f));
        p = L.MultiplyAdd(p, r, L.Of(5.0000001201e-1f));
        p = L.MultiplyAdd(p, r * r, r) + L.Of(1);
        L result = L.TimesPowerOfTwo(p, shifted);
        result = L.IfLess(x, L.Of(-87.3f), L.Of(0), result);
        return L.IfLess(L.Of(88.7f), x, L.Of(float.PositiveInfinity), result);
    }

    /// <summary>tanh x.</summary>
    /// <remarks>Below 0.625 the polynomial of Cephes' tanhf, beyond it 1 − 2/(e²ˣ + 1).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Tanh<L>(L x)
        where L : struct, ILanes<L>
    {
        L size = L.Abs(x);
        L large = L.Of(1) - (L.Of(2) / (Exp(size + size) + L.Of(1)));
        L square = x * x;
        L p = L.Of(-5.70498872745e-3f);
        p = L.MultiplyAdd(p, square, L.Of(2.06390887954e-2f));
        p = L.MultiplyAdd(p, square, L.Of(-5.37397155531e-2f));
        p = L.MultiplyAdd(p, square, L.Of(1.33314422036e-1f));
        p = L.MultiplyAdd(p, square, L.Of(-3.33332819422e-1f));
        L small = L.MultiplyAdd(p * square, x, x);
        return L.IfLess(size, L.Of(0.625f), small, L.CopySign(large, x));
    }

    /// <summary>The normal distribution function Φ(x), and e^(−x²/2) for its density.</summary>
    /// <remarks>
    /// Φ(−|x|) = e^(−x²/2) · t · Q(t) with t = 1/(1 + 0.33 |x|), the form of Abramowitz and Stegun 7.1.26; Q is our own Chebyshev fit of degree 8
    /// on |x| ≤ 14.2, relative error 1.0e-7. The tail has no cancellation: far left the result keeps its leading digits.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Normal<L>(L x, out L bell)
        where L : struct, ILanes<L>
    {
        L size = L.Abs(x);
        bell = Exp(L.Of(-0.5f) * x * x);
        L t = L.Of(1) / L.MultiplyAdd(size, L.Of(0.33f), L.Of(1));
        L q = L.Of(-0.0224850292f);
        q = L.MultiplyAdd(q, t, L.Of(0.130756541f));
        q = L.MultiplyAdd(q, t, L.Of(-0.28198717f));
        q = L.MultiplyAdd(q, t, L.Of(0.240270497f));
        q = L.MultiplyAdd(q, t, L.Of(-0.0663907998f));
        q = L.MultiplyAdd(q, t, L.Of(0.125605262f));
        q = L.MultiplyAdd(q, t, L.Of(0.110205632f));
        q = L.MultiplyAdd(q, t, L.Of(0.132408249f));
        q = L.MultiplyAdd(q, t, L.Of(0.131616825f));
        L tail = bell * (q * t);
        return L.IfLess(x, L.Of(0), tail, L.Of(1) - tail);
    }
}
