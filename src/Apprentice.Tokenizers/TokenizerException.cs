namespace Apprentice.Tokenizers;

/// <summary>A tokenizer's files are missing, malformed, or ask for something that is not supported.</summary>
public sealed class TokenizerException : Exception
{
    /// <summary>Makes the exception for one file.</summary>
    /// <param name="path">File or folder that holds the tokenizer, or a name for one in memory.</param>
    /// <param name="problem">What was expected, what was found, and where in the file.</param>
    /// <param name="inner">The exception of the reader below, if there is one.</param>
    public TokenizerException(string path, string problem, Exception? inner = null)
        : base($"{path}: {problem}", inner) => Path = path;

    /// <summary>File or folder that holds the tokenizer.</summary>
    public string Path { get; }
}
