namespace Apprentice.Llm;

/// <summary>Where and how <see cref="OpenAiChatClient"/> asks.</summary>
public sealed record OpenAiChatOptions
{
    /// <summary>Address of the API up to and including the version, for example <c>https://api.openai.com/v1</c> or <c>http://127.0.0.1:8000/v1</c>.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>Model to ask where a request names none.</summary>
    public required string Model { get; init; }

    /// <summary>Name (not value) of the environment variable that holds the key, or null for an endpoint without keys. Default null.</summary>
    public string? KeyVariable { get; init; }

    /// <summary>Time limit of one attempt, from sending to the last byte. Default 2 minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Attempts after the first that failed for a passing reason. Default 5; 0 turns retrying off.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>Wait before the first retry when the provider names none; it doubles each time, with jitter. Default 1 second.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between two attempts. Default 1 minute. A provider that asks for more ends the request: trying earlier would not honour it.</summary>
    public TimeSpan LongestRetryDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Largest body that is read. Default 16 MiB, far above any answer.</summary>
    public int LargestAnswer { get; init; } = 16 << 20;

    /// <summary>Every problem with these settings, or none.</summary>
    public IEnumerable<string> Problems()
    {
        if (!BaseUrl.IsAbsoluteUri || BaseUrl.Scheme is not ("http" or "https"))
        {
            yield return $"BaseUrl is '{BaseUrl}'; expected an http or https address such as http://127.0.0.1:8000/v1.";
        }
        else if (BaseUrl.UserInfo.Length > 0)
        {
            yield return "BaseUrl holds a user or password; put the key into an environment variable and name it in KeyVariable.";
        }

        if (Model.Length == 0)
        {
            yield return "Model is empty; expected the model's name as the provider knows it.";
        }

        if (Timeout <= TimeSpan.Zero)
        {
            yield return $"Timeout is {Timeout}; expected more than zero.";
        }

        if (Retries < 0)
        {
            yield return $"Retries is {Retries}; expected 0 or more.";
        }

        if (RetryDelay < TimeSpan.Zero || LongestRetryDelay < RetryDelay)
        {
            yield return $"RetryDelay is {RetryDelay} and LongestRetryDelay is {LongestRetryDelay}; expected 0 <= RetryDelay <= LongestRetryDelay.";
        }

        if (LargestAnswer < 1024)
        {
            yield return $"LargestAnswer is {LargestAnswer} bytes; expected at least 1024.";
        }
    }
}
