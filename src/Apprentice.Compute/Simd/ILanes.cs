namespace Apprentice.Compute;

/// <summary>A register of float32 values: kernels written once against it run at every width.</summary>
/// <remarks>Implementations are structs over one vector, so the compiler turns every member into one or two instructions.</remarks>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    static abstract int Count { get; }

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    static abstract TSelf Load(float* from);

    static abstract TSelf Of(float value);

    static abstract void Store(TSelf x, float* to);

    /// <summary>a · b + c, in one rounding where the processor can.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The larger value; NaN if either is.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    static abstract TSelf Abs(TSelf x);

    static abstract TSelf Sqrt(TSelf x);

    /// <summary>a &lt; b ? yes : no; a comparison with NaN is false.</summary>
    static abstract TSelf IfLess(TSelf a, TSelf b, TSelf yes, TSelf no);

    /// <summary>The magnitude of one value with the sign of another.</summary>
    static abstract TSelf CopySign(TSelf magnitude, TSelf sign);

    /// <summary>x · 2ⁿ where the integer n is the lowest bits of <paramref name="shifted"/>, a number to which 1.5·2²³ was added.</summary>
    static abstract TSelf TimesPowerOfTwo(TSelf x, TSelf shifted);

    /// <summary>x where the 24-bit draw of a random stream at first, first + 1, … reaches the threshold, else 0.</summary>
    static abstract TSelf KeepOrZero(TSelf x, uint first, uint inner, uint outer, int threshold);

    static abstract float Sum(TSelf x);

    static abstract float Largest(TSelf x);
}
