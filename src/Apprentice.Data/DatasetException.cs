namespace Apprentice.Data;

/// <summary>A data file cannot be read or written as it is; the message names the file, the line where there is one, and what to do.</summary>
public sealed class DatasetException : Exception
{
    /// <summary>A problem with a file as a whole, or with one of its lines.</summary>
    /// <param name="path">Path of the file as the caller gave it.</param>
    /// <param name="line">1-based line of the (unpacked) file, or null for the file as a whole.</param>
    /// <param name="problem">What was expected and what was found, as a sentence.</param>
    /// <param name="inner">The cause, if another exception was.</param>
    public DatasetException(string path, long? line, string problem, Exception? inner = null)
        : base(line is null ? $"{path}: {problem}" : $"{path}, line {line}: {problem}", inner)
    {
        Path = path;
        Line = line;
        Problem = problem;
    }

    /// <summary>Path of the file as the caller gave it.</summary>
    public string Path { get; }

    /// <summary>1-based line of the (unpacked) file, or null for the file as a whole.</summary>
    public long? Line { get; }

    /// <summary>The message without path and line.</summary>
    public string Problem { get; }
}
