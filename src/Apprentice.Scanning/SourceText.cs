using System.Text;
using Apprentice.Code;

namespace Apprentice.Scanning;

/// <summary>Why a file is not looked at.</summary>
public enum SourceProblem
{
    /// <summary>It does not exist.</summary>
    Missing,

    /// <summary>It is a folder.</summary>
    Folder,

    /// <summary>The system refuses to read it.</summary>
    Unreadable,

    /// <summary>Its ending names no known language, and none was given.</summary>
    UnknownLanguage,

    /// <summary>It is larger than the limit.</summary>
    TooLarge,

    /// <summary>It holds NUL bytes: no text.</summary>
    Binary,

    /// <summary>It is text in another encoding than UTF-8, or UTF-16 without a byte order mark.</summary>
    Encoding,

    /// <summary>A program wrote it, not a person.</summary>
    Generated,

    /// <summary>It is minified: lines too long to be read.</summary>
    Minified,
}

/// <summary>What came of reading a file: its text, or why there is none.</summary>
/// <param name="Path">The file as the caller named it.</param>
/// <param name="Source">The text, or null.</param>
/// <param name="Problem">Why there is no text, or null.</param>
/// <param name="Message">The problem as a sentence for the user, without the path; empty when there is none.</param>
public sealed record SourceReading(string Path, SourceText? Source, SourceProblem? Problem, string Message)
{
    /// <summary>A file that could be read.</summary>
    /// <param name="source">Its text.</param>
    public static SourceReading Of(SourceText source) => new(source.Path, source, null, "");

    /// <summary>A file that could not.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">Kind of problem.</param>
    /// <param name="message">What was found, and what to do.</param>
    public static SourceReading Refused(string path, SourceProblem problem, string message) => new(path, null, problem, message);
}

/// <summary>The text of a source file as the models see it: decoded, without byte order mark, lines ended by <c>\n</c> alone.</summary>
/// <param name="Path">The file as the caller named it.</param>
/// <param name="Language">Its language.</param>
/// <param name="Text">Its text; line numbers are those of the file.</param>
public sealed record SourceText(string Path, Language Language, string Text)
{
    /// <summary>Largest file that is read, in bytes: 2 MiB. Larger ones are data or generated; a person's largest files are a tenth of that.</summary>
    public const int LargestFile = 2 << 20;

    private static readonly UTF8Encoding s_utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads a file. What is wrong with it is told, not thrown.</summary>
    /// <param name="path">The file.</param>
    /// <param name="language">Its language, or null to go by its ending.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<SourceReading> ReadAsync(string path, Language? language = null, CancellationToken cancellationToken = default)
    {
        if (Directory.Exists(path))
        {
            return SourceReading.Refused(path, SourceProblem.Folder, "is a folder; a file is expected.");
        }

        if ((language ?? Languages.FromPath(path)) is not { } known)
        {
            return File.Exists(path)
                ? SourceReading.Refused(path, SourceProblem.UnknownLanguage, UnknownLanguage(path))
                : Missing(path);
        }

        try
        {
            // Without a buffer of its own: the file is read in one go.
            FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, useAsync: true);
            await using (file.ConfigureAwait(false))
            {
                return await ReadAsync(path, file, known, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Missing(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return SourceReading.Refused(path, SourceProblem.Unreadable, $"cannot be read: {exception.Message}");
        }
    }

    /// <summary>Reads a stream, for example standard input.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="stream">Bytes; no more than <see cref="LargestFile"/> and one are read.</param>
    /// <param name="language">Language of the text.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<SourceReading> ReadAsync(string name, Stream stream, Language language, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        long length = stream.CanSeek ? stream.Length : 0;
        if (length > LargestFile)
        {
            return TooLarge(name, $"has {length / 1e6:0.0} MB");
        }

        // The length is a hint only: devices and files that grow have another one.
        byte[] bytes = new byte[Math.Max(4096, (int)length + 1)];
        int count = 0;
        while (true)
        {
            int read = await stream.ReadAsync(bytes.AsMemory(count), cancellationToken).ConfigureAwait(false);
            count += read;
            if (read == 0)
            {
                return Decode(name, bytes.AsSpan(0, count), language);
            }

            if (count > LargestFile)
            {
                return TooLarge(name, "has more");
            }

            if (count == bytes.Length)
            {
                Array.Resize(ref bytes, Math.Min(2 * bytes.Length, LargestFile + 1));
            }
        }
    }

    /// <summary>Decodes the bytes of a file.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="bytes">All of its bytes.</param>
    /// <param name="language">Language of the text.</param>
    public static SourceReading Decode(string name, ReadOnlySpan<byte> bytes, Language language)
    {
        Encoding encoding = s_utf8;
        int mark = 0;
        if (bytes.StartsWith<byte>([0xEF, 0xBB, 0xBF]))
        {
            mark = 3;
        }
        else if (bytes.StartsWith<byte>([0xFF, 0xFE, 0, 0]))
        {
            (encoding, mark) = (new UTF32Encoding(false, true, throwOnInvalidCharacters: true), 4);
        }
        else if (bytes.StartsWith<byte>([0xFF, 0xFE]))
        {
            (encoding, mark) = (new UnicodeEncoding(false, true, throwOnInvalidBytes: true), 2);
        }
        else if (bytes.StartsWith<byte>([0xFE, 0xFF]))
        {
            (encoding, mark) = (new UnicodeEncoding(true, true, throwOnInvalidBytes: true), 2);
        }

        ReadOnlySpan<byte> content = bytes[mark..];
        if (mark is 0 or 3 && content.IndexOf((byte)0) is >= 0 and int zero)
        {
            return SourceReading.Refused(name, SourceProblem.Binary, $"is not text: byte {mark + zero:n0} is NUL. (UTF-16 is read when it begins with a byte order mark.)");
        }

        string text;
        try
        {
            text = encoding.GetString(content);
        }
        catch (DecoderFallbackException exception)
        {
            return SourceReading.Refused(name, SourceProblem.Encoding, mark is 0 or 3 ? NotUtf8(content, mark) : $"begins with the byte order mark of {encoding.WebName} but is not such text: {exception.Message}");
        }

        return text.Contains('\0', StringComparison.Ordinal)
            ? SourceReading.Refused(name, SourceProblem.Binary, "is not text: it holds NUL characters.")
            : SourceReading.Of(new SourceText(name, language, WithLineFeeds(text)));
    }

    /// <summary>CR LF becomes LF; a file that has only CR, as on very old systems, gets LF for each.</summary>
    private static string WithLineFeeds(string text) =>
        !text.Contains('\r', StringComparison.Ordinal) ? text
        : text.Contains('\n', StringComparison.Ordinal) ? text.Replace("\r\n", "\n", StringComparison.Ordinal)
        : text.Replace('\r', '\n');

    private static string NotUtf8(ReadOnlySpan<byte> content, int mark)
    {
        System.Text.Unicode.Utf8.ToUtf16(content, new char[content.Length], out int valid, out _, replaceInvalidSequences: false);
        int line = content[..valid].Count((byte)'\n') + 1;
        return $"is not UTF-8: byte 0x{content[valid]:X2} at offset {mark + valid:n0}, line {line}. Convert it first, for example with: iconv -f LATIN1 -t UTF-8";
    }

    private static SourceReading Missing(string path) => SourceReading.Refused(path, SourceProblem.Missing, "does not exist.");

    private static SourceReading TooLarge(string name, string size) =>
        SourceReading.Refused(name, SourceProblem.TooLarge, $"{size}; files of up to {LargestFile >> 20} MiB are read. Files of that size are rarely written by people; give the part that matters.");

    private static string UnknownLanguage(string path)
    {
        string ending = System.IO.Path.GetExtension(path);
        return $"names no language known here: {(ending.Length == 0 ? "it has no ending" : $"its ending is {ending}")}. Known are {string.Join(", ", Languages.All.Select(one => one.Name()))}; say which one it is with --language.";
    }
}
