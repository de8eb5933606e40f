namespace Apprentice.Models;

/// <summary>A checkpoint's files are missing, malformed, or do not fit what is asked of them.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>Makes the exception from a whole message, which names the file itself.</summary>
    /// <param name="message">Path, what was expected, what was found, where, and the likely cause.</param>
    public CheckpointException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception from a whole message and what caused it.</summary>
    /// <param name="message">Path, what was expected, what was found, where, and the likely cause.</param>
    /// <param name="inner">The exception of the reader below.</param>
    public CheckpointException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Makes the exception for one file.</summary>
    /// <param name="path">File or folder of the checkpoint.</param>
    /// <param name="problem">What was expected, what was found, where, and the likely cause.</param>
    /// <param name="inner">The exception of the reader below, if there is one.</param>
    public CheckpointException(string path, string problem, Exception? inner = null)
        : base($"{path}: {problem}", inner) => Path = path;

    /// <summary>File or folder of the checkpoint; null when only the message names it.</summary>
    public string? Path { get; }

    /// <summary>A tensor whose shape is not the one that is needed.</summary>
    /// <param name="path">File of the checkpoint.</param>
    /// <param name="tensor">Name of the tensor.</param>
    /// <param name="found">Its shape.</param>
    /// <param name="expected">The shape that is needed.</param>
    /// <param name="reason">Where that shape comes from, such as "config.json's hidden_size 1024".</param>
    public static CheckpointException WrongShape(string path, string tensor, IEnumerable<long> found, IEnumerable<long> expected, string reason) =>
        new(path, $"tensor '{tensor}' has shape {TensorInfo.Show(found)}; {reason} asks for {TensorInfo.Show(expected)}. Is config.json from another checkpoint?");
}
