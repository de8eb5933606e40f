using System.Text;

namespace Apprentice.TestHost;

/// <summary>How a run inside the worker ended.</summary>
internal enum WorkerOutcome : byte
{
    /// <summary>The worker is up; sent once, before the first request.</summary>
    Ready = 1,

    /// <summary><c>Tests.Run()</c> returned.</summary>
    Passed = 2,

    /// <summary>A check or the code under test threw.</summary>
    Failed = 3,

    /// <summary>Memory ran out.</summary>
    OutOfMemory = 4,

    /// <summary>More text was written to the console than is allowed.</summary>
    OutputLimit = 5,

    /// <summary>The assembly has no <c>Tests.Run()</c> or could not be loaded.</summary>
    Unusable = 6,
}

/// <summary>One answer of the worker.</summary>
/// <param name="Nonce">The number of the request; 0 for <see cref="WorkerOutcome.Ready"/>. Code under test that writes to the same pipe does not know it.</param>
/// <param name="Outcome">How the run ended.</param>
/// <param name="Clean">False when something of the run is still alive, so that the worker must not be used again.</param>
/// <param name="Milliseconds">Wall time of <c>Tests.Run()</c>.</param>
/// <param name="Message">Exception type and message, or the limits that were applied for <see cref="WorkerOutcome.Ready"/>.</param>
internal sealed record WorkerAnswer(long Nonce, WorkerOutcome Outcome, bool Clean, double Milliseconds, string Message);

/// <summary>Frames between the process that asks and the worker: length-prefixed, little-endian.</summary>
internal static class WorkerProtocol
{
    /// <summary>Number of a request that brings a library for all later ones and gets no answer.</summary>
    public const long SharedLibrary = 0;

    /// <summary>First bytes of each frame, so that stray output is seen as such.</summary>
    private const uint Magic = 0x4E52_5441;

    /// <summary>Largest assembly that is taken, bytes.</summary>
    private const int LargestAssembly = 16 << 20;

    /// <summary>Longest message that is sent, UTF-16 units.</summary>
    private const int LongestMessage = 600;

    public static void WriteRequest(Stream stream, long nonce, byte[] assembly)
    {
        Span<byte> head = stackalloc byte[16];
        BitConverter.TryWriteBytes(head, Magic);
        BitConverter.TryWriteBytes(head[4..], nonce);
        BitConverter.TryWriteBytes(head[12..], assembly.Length);
        stream.Write(head);
        stream.Write(assembly);
        stream.Flush();
    }

    public static (long Nonce, byte[] Assembly)? ReadRequest(Stream stream)
    {
        byte[] head = new byte[16];
        int read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (read < head.Length || BitConverter.ToUInt32(head) != Magic)
        {
            return null;
        }

        int length = BitConverter.ToInt32(head, 12);
        if (length is < 0 or > LargestAssembly)
        {
            return null;
        }

        byte[] assembly = new byte[length];
        return stream.ReadAtLeast(assembly, length, throwOnEndOfStream: false) < length ? null : (BitConverter.ToInt64(head, 4), assembly);
    }

    public static void WriteAnswer(Stream stream, WorkerAnswer answer)
    {
        string message = answer.Message.Length > LongestMessage ? answer.Message[..LongestMessage] + "…" : answer.Message;
        byte[] text = Encoding.UTF8.GetBytes(message);
        byte[] frame = new byte[26 + text.Length];
        BitConverter.TryWriteBytes(frame, Magic);
        BitConverter.TryWriteBytes(frame.AsSpan(4), answer.Nonce);
        frame[12] = (byte)answer.Outcome;
        frame[13] = answer.Clean ? (byte)1 : (byte)0;
        BitConverter.TryWriteBytes(frame.AsSpan(14), answer.Milliseconds);
        BitConverter.TryWriteBytes(frame.AsSpan(22), text.Length);
        text.CopyTo(frame, 26);
        stream.Write(frame);
        stream.Flush();
    }

    /// <summary>The next answer; null at the end of the stream or when the bytes are no frame.</summary>
    public static async Task<WorkerAnswer?> ReadAnswerAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] head = new byte[26];
        int read = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read < head.Length || BitConverter.ToUInt32(head) != Magic)
        {
            return null;
        }

        int length = BitConverter.ToInt32(head, 22);
        if (length is < 0 or > 8 * LongestMessage)
        {
            return null;
        }

        byte[] text = new byte[length];
        if (await stream.ReadAtLeastAsync(text, length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) < length)
        {
            return null;
        }

        return new WorkerAnswer(
            BitConverter.ToInt64(head, 4), (WorkerOutcome)head[12], head[13] == 1, BitConverter.ToDouble(head, 14), Encoding.UTF8.GetString(text));
    }
}
