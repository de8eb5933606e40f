namespace Apprentice.Evaluation;

/// <summary>A prediction file is broken, or predictions do not belong to the data set they are scored on.</summary>
public sealed class PredictionException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was expected and what was found.</param>
    /// <param name="path">The file, or null when the predictions did not come from one.</param>
    /// <param name="line">1-based line in the file, or null.</param>
    /// <param name="inner">The cause, or null.</param>
    public PredictionException(string message, string? path = null, int? line = null, Exception? inner = null)
        : base(Where(path, line) + message, inner)
    {
        Path = path;
        Line = line;
    }

    /// <summary>The file, or null when the predictions did not come from one.</summary>
    public string? Path { get; }

    /// <summary>1-based line in the file, or null.</summary>
    public int? Line { get; }

    private static string Where(string? path, int? line) =>
        path is null ? "" : line is null ? $"{path}: " : $"{path}, line {line}: ";
}
