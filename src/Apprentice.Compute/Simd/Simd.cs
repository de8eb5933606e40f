using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Apprentice.Compute;

/// <summary>Which vector registers kernels use in this process.</summary>
public static class Simd
{
    /// <summary>The widest registers this processor and this runtime offer.</summary>
    public static SimdLevel Best { get; } =
        Avx512F.IsSupported && Avx512DQ.IsSupported ? SimdLevel.Vector512
        : Avx2.IsSupported && Fma.IsSupported ? SimdLevel.Vector256
        : Vector128.IsHardwareAccelerated ? SimdLevel.Vector128
        : SimdLevel.Scalar;

    /// <summary>The registers in use: the best ones.</summary>
    /// <remarks>Only tests lower it; results at different levels agree within rounding but not in every bit.</remarks>
    public static SimdLevel Level { get; internal set; } = Best;
}
