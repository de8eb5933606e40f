using System.Runtime.InteropServices;

namespace Apprentice.Compute;

/// <summary>A zeroed block of float32 values outside the garbage-collected heap.</summary>
/// <remarks>
/// Blocks of 2 MiB and more start at a multiple of 2 MiB and ask Linux for huge pages, because page faults of small pages cost more than
/// the arithmetic on them; other systems and smaller blocks get 64-byte alignment. The owner disposes it; a finaliser frees forgotten ones.
/// </remarks>
public sealed unsafe partial class NativeBuffer : IDisposable
{
    private const nuint HugePage = 2 << 20;
    private const int AdviseHugePages = 14;

    private float* _pointer;

    /// <summary>Allocates a block and fills it with zeros.</summary>
    /// <param name="floats">Number of values; 0 is allowed.</param>
    /// <exception cref="OutOfMemoryException">The system has no block of that size.</exception>
    public NativeBuffer(long floats)
        : this(floats, zeroed: true)
    {
    }

    internal NativeBuffer(long floats, bool zeroed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(floats);
        Length = floats;
        nuint bytes = (nuint)Math.Max(floats, 1) * sizeof(float);
        if (bytes >= HugePage)
        {
            bytes = (bytes + HugePage - 1) & ~(HugePage - 1);
            _pointer = (float*)NativeMemory.AlignedAlloc(bytes, HugePage);
            AskForHugePages(_pointer, bytes);
        }
        else
        {
            _pointer = (float*)NativeMemory.AlignedAlloc((bytes + 63) & ~(nuint)63, 64);
        }

        GC.AddMemoryPressure((long)bytes);
        if (zeroed)
        {
            NativeMemory.Clear(_pointer, (nuint)floats * sizeof(float));
        }
    }

    /// <summary>Frees the block if nobody disposed it.</summary>
    ~NativeBuffer() => Free();

    /// <summary>The first value.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public float* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return _pointer;
        }
    }

    /// <summary>Number of values.</summary>
    public long Length { get; }

    /// <summary>All values; only for buffers of at most <see cref="int.MaxValue"/> values.</summary>
    public Span<float> Span => new(Pointer, checked((int)Length));

    /// <summary>Frees the block. Nothing may use its pointer afterwards.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_pointer is not null)
        {
            NativeMemory.AlignedFree(_pointer);
            _pointer = null;
            GC.RemoveMemoryPressure(Math.Max(Length, 1) * sizeof(float));
        }
    }

    private static void AskForHugePages(void* address, nuint bytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            // Advice only: a kernel without huge pages refuses it and everything works as before.
            _ = MAdvise(address, bytes, AdviseHugePages);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            // A Linux without this C library function keeps its ordinary pages.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MAdvise(void* address, nuint length, int advice);
}
