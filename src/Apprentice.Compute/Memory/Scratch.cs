namespace Apprentice.Compute;

/// <summary>Memory that a kernel needs only while it runs, kept by each thread for the next call.</summary>
internal static unsafe class Scratch
{
    [ThreadStatic]
    private static NativeBuffer?[]? t_buffers;

    /// <summary>At least <paramref name="floats"/> values of unknown content, 64-byte aligned, valid until this thread asks for the same place again.</summary>
    /// <param name="place">Who asks; kernels that run inside each other must use different places.</param>
    /// <param name="floats">Number of values.</param>
    public static float* Get(ScratchPlace place, long floats)
    {
        NativeBuffer?[] buffers = t_buffers ??= new NativeBuffer?[(int)ScratchPlace.Count];
        NativeBuffer? buffer = buffers[(int)place];
        if (buffer is null || buffer.Length < floats)
        {
            buffer?.Dispose();
            buffer = new NativeBuffer(floats + (floats / 4), zeroed: false);
            buffers[(int)place] = buffer;
        }

        return buffer.Pointer;
    }
}

/// <summary>The users of <see cref="Scratch"/>.</summary>
internal enum ScratchPlace
{
    /// <summary>Packed left matrix of a product.</summary>
    GemmA,

    /// <summary>Packed right matrix of a product.</summary>
    GemmB,

    /// <summary>Partial sums of a reduction over rows.</summary>
    Reduction,

    /// <summary>Scores of a block of queries in attention.</summary>
    AttentionScores,

    /// <summary>Score gradients of a block of queries in attention.</summary>
    AttentionGradients,

    /// <summary>Row sums in attention's backward pass.</summary>
    AttentionRows,

    /// <summary>Number of places.</summary>
    Count,
}
