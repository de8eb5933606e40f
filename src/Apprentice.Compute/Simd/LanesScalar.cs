using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>One float32 value: for processors without vectors and for what remains at the end of a row.</summary>
internal readonly unsafe struct LanesScalar(float value) : ILanes<LanesScalar>
{
    private readonly float _value = value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator +(LanesScalar a, LanesScalar b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator -(LanesScalar a, LanesScalar b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator *(LanesScalar a, LanesScalar b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator /(LanesScalar a, LanesScalar b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Load(float* from) => new(*from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Of(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(LanesScalar x, float* to) => *to = x._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar MultiplyAdd(LanesScalar a, LanesScalar b, LanesScalar c) =>
        new(float.MultiplyAddEstimate(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Max(LanesScalar a, LanesScalar b) => new(Math.Max(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Abs(LanesScalar x) => new(MathF.Abs(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Sqrt(LanesScalar x) => new(MathF.Sqrt(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar IfLess(LanesScalar a, LanesScalar b, LanesScalar yes, LanesScalar no) => a._value < b._value ? yes : no;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar CopySign(LanesScalar magnitude, LanesScalar sign) => new(MathF.CopySign(magnitude._value, sign._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar TimesPowerOfTwo(LanesScalar x, LanesScalar shifted) =>
        new(BitConverter.Int32BitsToSingle(
            BitConverter.SingleToInt32Bits(x._value) + (BitConverter.SingleToInt32Bits(shifted._value) << 23)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar KeepOrZero(LanesScalar x, uint first, uint inner, uint outer, int threshold) =>
        (RandomStream.Draw(first, inner, outer) >> 8) >= threshold ? x : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(LanesScalar x) => x._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(LanesScalar x) => x._value;
}
