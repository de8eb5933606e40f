namespace Apprentice.Compute;

/// <summary>The vector registers that kernels use.</summary>
public enum SimdLevel
{
    /// <summary>None: one value at a time.</summary>
    Scalar,

    /// <summary>128 bits: SSE on x64, AdvSimd on Arm64.</summary>
    Vector128,

    /// <summary>256 bits: AVX2 with fused multiply-add.</summary>
    Vector256,

    /// <summary>512 bits: AVX-512.</summary>
    Vector512,
}
