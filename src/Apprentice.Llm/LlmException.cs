namespace Apprentice.Llm;

/// <summary>What went wrong when a language model was asked.</summary>
public enum LlmProblem
{
    /// <summary>Settings, key, model name or address are wrong; every further request would fail alike.</summary>
    Configuration,

    /// <summary>The endpoint could not be reached or the connection broke.</summary>
    Network,

    /// <summary>No complete answer came within the time limit.</summary>
    Timeout,

    /// <summary>The provider asked to slow down (status 429), longer than the retries lasted.</summary>
    RateLimited,

    /// <summary>The provider failed (status 408 or 5xx).</summary>
    Server,

    /// <summary>The provider refused this one request (another status 4xx).</summary>
    Refused,

    /// <summary>The answer is cut, not JSON, without a choice or too large.</summary>
    BadAnswer,

    /// <summary>The recording or the answers file holds no answer to this request.</summary>
    NotRecorded,
}

/// <summary>A language model could not be asked, or did not answer as expected; the message says what to do. Never holds a key.</summary>
public sealed class LlmException : Exception
{
    /// <summary>A problem with its cause.</summary>
    /// <param name="problem">Kind of problem.</param>
    /// <param name="message">What was expected, what was found and what to do.</param>
    /// <param name="inner">The cause, if another exception was.</param>
    public LlmException(LlmProblem problem, string message, Exception? inner = null)
        : base(message, inner)
    {
        Problem = problem;
    }

    /// <summary>Kind of problem.</summary>
    public LlmProblem Problem { get; }

    /// <summary>HTTP status code, or null when none was received.</summary>
    public int? StatusCode { get; init; }

    /// <summary>How long the provider asked to wait, or null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Id of the request within its batch, or null when unknown.</summary>
    public string? CustomId { get; init; }

    /// <summary>Whether the same request may succeed when sent again.</summary>
    public bool IsTransient { get; init; }
}
