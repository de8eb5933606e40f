namespace Apprentice.Cli;

/// <summary>Options that do not go together; told like any other wrong usage.</summary>
internal sealed class UsageException : Exception
{
    /// <summary>Wrong usage.</summary>
    /// <param name="problems">What is wrong, each a sentence.</param>
    public UsageException(params IEnumerable<string> problems)
        : base(string.Join(Environment.NewLine, problems))
    {
    }

    /// <summary>Throws when there are problems.</summary>
    /// <param name="problems">Problems of an options record.</param>
    public static void ThrowIfAny(IEnumerable<string> problems)
    {
        string[] all = [.. problems];
        if (all.Length > 0)
        {
            throw new UsageException(all);
        }
    }
}
