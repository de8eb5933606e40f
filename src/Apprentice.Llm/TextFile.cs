using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;

namespace Apprentice.Llm;

/// <summary>Lines of UTF-8 files, plain or packed with gzip by their ending.</summary>
internal static class TextFile
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static async IAsyncEnumerable<(int Line, string Text)> ReadLinesAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using StreamReader reader = Open(path);
        int line = 0;
        while (true)
        {
            string? text;
            try
            {
                text = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or InvalidDataException or DecoderFallbackException)
            {
                throw new LlmException(LlmProblem.Configuration, $"{path}: cannot be read after line {line}: {exception.Message} Is the file cut, or its ending wrong?", exception);
            }

            if (text is null)
            {
                yield break;
            }

            line++;
            if (!string.IsNullOrWhiteSpace(text))
            {
                yield return (line, text);
            }
        }
    }

    /// <summary>Writes lines to a temporary file and renames it.</summary>
    public static async Task<int> WriteLinesAsync(string path, IEnumerable<byte[]> lines, CancellationToken cancellationToken)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            int count = 0;
            FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write);
            await using (file.ConfigureAwait(false))
            {
                Stream output = IsPacked(path) ? new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true) : file;
                try
                {
                    foreach (byte[] line in lines)
                    {
                        await output.WriteAsync(line, cancellationToken).ConfigureAwait(false);
                        await output.WriteAsync("\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
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

            File.Move(temporary, path, overwrite: true);
            return count;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LlmException(LlmProblem.Configuration, $"{path}: cannot be written: {exception.Message}", exception);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static StreamReader Open(string path)
    {
        try
        {
            Stream stream = File.OpenRead(path);
            return new StreamReader(IsPacked(path) ? new GZipStream(stream, CompressionMode.Decompress) : stream, s_strict);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LlmException(LlmProblem.Configuration, $"{path}: cannot be read: {exception.Message}", exception);
        }
    }

    private static bool IsPacked(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
}
