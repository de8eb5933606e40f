using System.Buffers;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using SharpCompress.Compressors.Xz;

namespace Apprentice.Data;

/// <summary>One row of a JSON Lines file and where it stands.</summary>
/// <typeparam name="T">Type of the row as it lies on disk.</typeparam>
/// <param name="Line">1-based line of the (unpacked) file.</param>
/// <param name="Value">The row.</param>
public readonly record struct JsonLine<T>(long Line, T Value);

/// <summary>Streams JSON Lines files: UTF-8, one object a line, plain, packed with gzip (<c>.gz</c>) or, for reading only, with xz (<c>.xz</c>).</summary>
/// <remarks>
/// Memory is bounded by the longest line. A byte order mark and CR LF line ends are accepted, blank lines are skipped.
/// Everything wrong with a file is a <see cref="DatasetException"/> that names path and line.
/// </remarks>
public static class JsonLines
{
    /// <summary>Longest line that is read: 256 MiB. A longer one is taken for a file of another kind.</summary>
    public const int LongestLine = 256 << 20;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a file row by row.</summary>
    /// <typeparam name="T">Type of the row as it lies on disk.</typeparam>
    /// <param name="path">The file; the ending <c>.gz</c> or <c>.xz</c> says how it is packed.</param>
    /// <param name="type">Source-generated description of <typeparamref name="T"/>.</param>
    /// <param name="cancellationToken">Stops between two reads.</param>
    /// <returns>The rows in file order, with their line numbers.</returns>
    /// <exception cref="DatasetException">
    /// The file is absent, empty, cut, damaged or not UTF-8, or a line is not a JSON object of the asked shape.
    /// </exception>
    public static async IAsyncEnumerable<JsonLine<T>> ReadAsync<T>(
        string path,
        JsonTypeInfo<T> type,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(type);
        Stream stream = OpenRead(path);
        await using (stream.ConfigureAwait(false))
        {
            byte[] buffer = new byte[1 << 16];
            int start = 0, scanned = 0, end = 0;
            long line = 0, rows = 0;
            bool atEnd = false;
            while (true)
            {
                int newline = buffer.AsSpan(scanned, end - scanned).IndexOf((byte)'\n');
                if (newline >= 0 || (atEnd && end > start))
                {
                    int stop = newline >= 0 ? scanned + newline : end;
                    line++;
                    if (TryParse(path, line, buffer.AsSpan(start, stop - start), type, out T? value))
                    {
                        rows++;
                        yield return new JsonLine<T>(line, value);
                    }

                    start = scanned = newline >= 0 ? stop + 1 : end;
                    continue;
                }

                if (atEnd)
                {
                    break;
                }

                scanned = end;
                if (start > 0)
                {
                    buffer.AsSpan(start, end - start).CopyTo(buffer);
                    (scanned, end, start) = (scanned - start, end - start, 0);
                }

                if (end == buffer.Length)
                {
                    if (buffer.Length >= LongestLine)
                    {
                        throw new DatasetException(path, line + 1, $"is longer than {LongestLine >> 20} MiB. Is this a JSON Lines file (one object a line)?");
                    }

                    Array.Resize(ref buffer, buffer.Length * 2);
                }

                int read = await ReadAsync(path, line, stream, buffer.AsMemory(end), cancellationToken).ConfigureAwait(false);
                atEnd = read == 0;
                end += read;
            }

            if (rows == 0)
            {
                throw new DatasetException(path, null, "holds no rows; expected JSON Lines, one object a line.");
            }
        }
    }

    /// <summary>Writes rows to a file that appears under its name only when it is complete.</summary>
    /// <remarks>The rows go to a temporary file in the same folder, which is flushed to disk and then renamed over <paramref name="path"/>.</remarks>
    /// <typeparam name="T">Type of the row as it lies on disk.</typeparam>
    /// <param name="path">The file; the ending <c>.gz</c> packs it.</param>
    /// <param name="rows">The rows, in the order to write.</param>
    /// <param name="type">Source-generated description of <typeparamref name="T"/>.</param>
    /// <param name="cancellationToken">Stops between two rows; the file is then left as it was.</param>
    /// <returns>How many rows were written.</returns>
    /// <exception cref="DatasetException">The ending is <c>.xz</c>, which is read only, or the disk refuses.</exception>
    public static async Task<int> WriteAsync<T>(
        string path,
        IAsyncEnumerable<T> rows,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(type);
        if (HasEnding(path, ".xz"))
        {
            throw new DatasetException(path, null, "xz files can be read but not written; choose the ending .gz or none.");
        }

        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            int count = await WriteTemporaryAsync(path, temporary, rows, type, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, path, overwrite: true);
            return count;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(path, null, $"cannot be written: {exception.Message}", exception);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Writes rows that are already in memory; see the other overload.</summary>
    /// <typeparam name="T">Type of the row as it lies on disk.</typeparam>
    /// <param name="path">The file; the ending <c>.gz</c> packs it.</param>
    /// <param name="rows">The rows, in the order to write.</param>
    /// <param name="type">Source-generated description of <typeparamref name="T"/>.</param>
    /// <param name="cancellationToken">Stops between two rows; the file is then left as it was.</param>
    /// <returns>How many rows were written.</returns>
    /// <exception cref="DatasetException">As for the other overload.</exception>
    public static Task<int> WriteAsync<T>(string path, IEnumerable<T> rows, JsonTypeInfo<T> type, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return WriteAsync(path, rows.ToAsyncEnumerable(), type, cancellationToken);
    }

    /// <summary>Opens a file for reading and unpacks it on the way if its ending says so.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The unpacked bytes; the caller disposes the stream.</returns>
    /// <exception cref="DatasetException">The file is absent or may not be read.</exception>
    internal static Stream OpenRead(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            string problem = exception is FileNotFoundException or DirectoryNotFoundException
                ? "no such file."
                : $"cannot be read: {exception.Message}";
            throw new DatasetException(path, null, problem, exception);
        }

        if (HasEnding(path, ".gz"))
        {
            return new GZipStream(file, CompressionMode.Decompress);
        }

        return HasEnding(path, ".xz") ? new XZStream(file) : file;
    }

    private static bool HasEnding(string path, string ending) => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase);

    private static async Task<int> ReadAsync(string path, long line, Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The unpackers throw many types for damaged input (one of them a bare Exception), hence the broad filter.
            throw new DatasetException(path, line + 1, $"the file cannot be read further; it is cut, damaged or not packed as its ending says ({exception.Message}).", exception);
        }
    }

    private static bool TryParse<T>(string path, long line, ReadOnlySpan<byte> text, JsonTypeInfo<T> type, out T value)
    {
        value = default!; // Read by the caller only after true.
        if (line == 1 && text.StartsWith(ByteOrderMark))
        {
            text = text[ByteOrderMark.Length..];
        }

        if (text.TrimStart(" \t\r"u8).IsEmpty)
        {
            return false;
        }

        if (!Utf8.IsValid(text))
        {
            throw new DatasetException(path, line, "is not valid UTF-8. Convert the file to UTF-8, or name its packing by the ending .gz or .xz.");
        }

        try
        {
            value = JsonSerializer.Deserialize(text, type) ?? throw new DatasetException(path, line, "expected a JSON object, found null.");
            return true;
        }
        catch (JsonException exception)
        {
            string where = exception.Path is { Length: > 2 } key && key.StartsWith("$.", StringComparison.Ordinal) ? $"key '{key[2..]}': " : "";
            throw new DatasetException(path, line, $"{where}not the JSON that was expected ({FirstSentence(exception.Message)}).", exception);
        }
    }

    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.');
    }

    private static async Task<int> WriteTemporaryAsync<T>(
        string path, string temporary, IAsyncEnumerable<T> rows, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
        }

        int count = 0;
        FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        await using (file.ConfigureAwait(false))
        {
            Stream output = HasEnding(path, ".gz") ? new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true) : file;
            try
            {
                ArrayBufferWriter<byte> bytes = new(1 << 16);
                using Utf8JsonWriter writer = new(bytes, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
                await foreach (T row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
                {
                    JsonSerializer.Serialize(writer, row, type);
                    writer.Flush();
                    bytes.Write("\n"u8);
                    await output.WriteAsync(bytes.WrittenMemory, cancellationToken).ConfigureAwait(false);
                    bytes.ResetWrittenCount();
                    writer.Reset();
                    count++;
                }
            }
            finally
            {
                if (output != file)
                {
                    await output.DisposeAsync().ConfigureAwait(false);
                }
            }

            await file.FlushAsync(cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }

        return count;
    }
}
