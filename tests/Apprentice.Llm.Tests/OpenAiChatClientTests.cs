using Microsoft.Extensions.AI;

namespace Apprentice.Llm.Tests;

public sealed class OpenAiChatClientTests
{
    private const string Secret = "sk-very-secret-0123456789";

    private static readonly ChatRequest s_request = new()
    {
        CustomId = "fault-17",
        Model = "tiny",
        Messages = [PromptMessage.System("Be brief."), PromptMessage.User("Say ü.")],
        Temperature = 0.7f,
        MaxTokens = 5,
    };

    [Fact]
    public async Task GetResponseAsync_GoodAnswer_CarriesTextModelTokensAndBody()
    {
        using HostileProvider provider = new((_, _) => HostileProvider.Good("ü\n"));
        ChatAnswer answer = ChatAnswer.FromChat(s_request, await AskAsync(provider));
        Assert.Equal("ü\n", answer.Text);
        Assert.Equal("tiny-1", answer.Model);
        Assert.Equal((7L, 3L, "stop"), (answer.InputTokens!.Value, answer.OutputTokens!.Value, answer.FinishReason));
        Assert.Equal(HostileProvider.Body("ü\n"), answer.Raw);
        Assert.Equal(s_request.Hash, answer.RequestHash);
        Assert.Null(Assert.Single(provider.Keys));
    }

    [Theory]
    [InlineData(429, null)]
    [InlineData(429, "0")]
    [InlineData(500, null)]
    [InlineData(503, "0")]
    [InlineData(408, null)]
    public async Task GetResponseAsync_PassingFailure_TriesAgain(int status, string? retryAfter)
    {
        using HostileProvider provider = new((call, _) => call < 3 ? new(status, "{}", retryAfter) : HostileProvider.Good("done"));
        Assert.Equal("done", (await AskAsync(provider)).Text);
        Assert.Equal(3, provider.Calls);
    }

    [Fact]
    public async Task GetResponseAsync_RetryAfter_WaitsThatLong()
    {
        using HostileProvider provider = new((call, _) => call < 2 ? new(429, "{}", "1") : HostileProvider.Good("done"));
        long start = TimeProvider.System.GetTimestamp();
        await AskAsync(provider);
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromSeconds(0.95));
    }

    [Fact]
    public async Task GetResponseAsync_RetryAfterLongerThanTheCap_EndsAtOnceAndSaysSo()
    {
        using HostileProvider provider = new((_, _) => new(429, "{}", "3600"));
        LlmException exception = await FailAsync(provider);
        Assert.Equal(LlmProblem.RateLimited, exception.Problem);
        Assert.Equal(TimeSpan.FromHours(1), exception.RetryAfter);
        Assert.Contains("3600 s", exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, provider.Calls);
    }

    [Theory]
    [InlineData(429, "slow down", LlmProblem.RateLimited, 3)]
    [InlineData(500, "oh no", LlmProblem.Server, 3)]
    [InlineData(400, "bad temperature", LlmProblem.Refused, 1)]
    [InlineData(401, "Incorrect API key", LlmProblem.Configuration, 1)]
    [InlineData(404, "no such model", LlmProblem.Configuration, 1)]
    [InlineData(302, "elsewhere", LlmProblem.Configuration, 1)]
    [InlineData(200, "<html>login</html>", LlmProblem.BadAnswer, 3)]
    [InlineData(200, "", LlmProblem.BadAnswer, 3)]
    [InlineData(200, """{"choices":[]}""", LlmProblem.BadAnswer, 1)]
    [InlineData(200, """{"error":"odd"}""", LlmProblem.BadAnswer, 1)]
    [InlineData(200, """{"choices":[{"text":"old style"}]}""", LlmProblem.BadAnswer, 1)]
    [InlineData(200, "[]", LlmProblem.BadAnswer, 1)]
    public async Task GetResponseAsync_LastingFailure_IsTypedBoundedAndNamesTheRequest(int status, string body, LlmProblem problem, int calls)
    {
        using HostileProvider provider = new((_, _) => new(status, body));
        LlmException exception = await FailAsync(provider);
        Assert.Equal(problem, exception.Problem);
        Assert.Equal("fault-17", exception.CustomId);
        Assert.Contains("'fault-17'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(provider.BaseUrl.ToString(), exception.Message, StringComparison.Ordinal);
        Assert.Equal(calls, provider.Calls);
        Assert.Equal(status == 200 ? null : status, exception.StatusCode);
    }

    [Fact]
    public async Task GetResponseAsync_CutBody_IsAskedAgain()
    {
        using HostileProvider provider = new((call, _) => HostileProvider.Good("a long enough answer to be cut in the middle") with { Cut = call == 1 });
        Assert.StartsWith("a long", (await AskAsync(provider)).Text, StringComparison.Ordinal);
        Assert.Equal(2, provider.Calls);
    }

    [Fact]
    public async Task GetResponseAsync_SlowProvider_TimesOut()
    {
        using HostileProvider provider = new((_, _) => HostileProvider.Good("late") with { Delay = TimeSpan.FromSeconds(2) });
        LlmException exception = await FailAsync(provider, options => options with { Timeout = TimeSpan.FromMilliseconds(150), Retries = 0 });
        Assert.Equal(LlmProblem.Timeout, exception.Problem);
    }

    [Fact]
    public async Task GetResponseAsync_HugeAnswer_IsNotReadToTheEnd()
    {
        using HostileProvider provider = new((_, _) => HostileProvider.Good(new string('x', 3_000_000)));
        LlmException exception = await FailAsync(provider, options => options with { LargestAnswer = 1 << 20 });
        Assert.Equal(LlmProblem.BadAnswer, exception.Problem);
        Assert.Equal(1, provider.Calls);
    }

    [Fact]
    public async Task GetResponseAsync_NobodyListens_IsANetworkProblem()
    {
        HostileProvider provider = new((_, _) => HostileProvider.Good(""));
        provider.Dispose();
        LlmException exception = await FailAsync(provider, options => options with { Retries = 1 });
        Assert.Equal(LlmProblem.Network, exception.Problem);
    }

    [Fact]
    public async Task GetResponseAsync_Cancelled_ThrowsOperationCanceled()
    {
        using HostileProvider provider = new((_, _) => HostileProvider.Good("late") with { Delay = TimeSpan.FromSeconds(2) });
        using OpenAiChatClient client = new(Options(provider));
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync(s_request.ToChatMessages(), s_request.ToChatOptions(), source.Token));
    }

    [Fact]
    public async Task GetResponseAsync_Key_IsSentAndNeverShown()
    {
        Environment.SetEnvironmentVariable("APPRENTICE_TEST_KEY", Secret + "\n");
        using HostileProvider provider = new((_, _) => new(401, $"Incorrect API key provided: {Secret}"));
        LlmException exception = await FailAsync(provider, options => options with { KeyVariable = "APPRENTICE_TEST_KEY" });
        Assert.Equal("Bearer " + Secret, Assert.Single(provider.Keys));
        Assert.DoesNotContain(Secret, exception.ToString(), StringComparison.Ordinal);
        Assert.Contains("APPRENTICE_TEST_KEY", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("two words-secret")]
    [InlineData("line\nsecret")]
    public async Task GetResponseAsync_UnusableKey_NamesTheVariableNotTheValue(string? value)
    {
        string name = "APPRENTICE_TEST_KEY_" + Guid.NewGuid().ToString("N");
        Environment.SetEnvironmentVariable(name, value);
        using HostileProvider provider = new((_, _) => HostileProvider.Good(""));
        LlmException exception = await FailAsync(provider, options => options with { KeyVariable = name });
        Assert.Equal(LlmProblem.Configuration, exception.Problem);
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, provider.Calls);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_Chunks_AddUpToTheAnswer()
    {
        const string Stream = """
            : keep-alive

            data: {"model":"tiny-1","choices":[{"delta":{"role":"assistant","content":""}}]}

            data: {"choices":[{"delta":{"content":"Hel"}}]}

            data: {"choices":[{"delta":{"content":"lo"},"finish_reason":"stop"}]}

            data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}

            data: [DONE]

            """;
        using HostileProvider provider = new((_, _) => new(200, Stream));
        using OpenAiChatClient client = new(Options(provider));
        ChatResponse response = await client.GetStreamingResponseAsync(s_request.ToChatMessages(), s_request.ToChatOptions()).ToChatResponseAsync();
        Assert.Equal("Hello", response.Text);
        Assert.Equal(2, response.Usage!.OutputTokenCount);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n", "without [DONE]")]
    [InlineData("data: {\"choi\n\n", "expected a chunk")]
    public async Task GetStreamingResponseAsync_BrokenStream_IsAnError(string stream, string expected)
    {
        using HostileProvider provider = new((_, _) => new(200, stream));
        using OpenAiChatClient client = new(Options(provider));
        LlmException exception = await Assert.ThrowsAsync<LlmException>(() => client.GetStreamingResponseAsync(s_request.ToChatMessages()).ToChatResponseAsync());
        Assert.Equal(LlmProblem.BadAnswer, exception.Problem);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_BadSettings_ListsAllProblems()
    {
        OpenAiChatOptions options = new() { BaseUrl = new Uri("ftp://host/v1"), Model = "", Retries = -1, Timeout = TimeSpan.Zero };
        ArgumentException exception = Assert.Throws<ArgumentException>(() => new OpenAiChatClient(options));
        Assert.All(["BaseUrl", "Model", "Retries", "Timeout"], name => Assert.Contains(name, exception.Message, StringComparison.Ordinal));
    }

    internal static OpenAiChatOptions Options(HostileProvider provider) => new()
    {
        BaseUrl = provider.BaseUrl,
        Model = "tiny",
        Retries = 2,
        RetryDelay = TimeSpan.FromMilliseconds(5),
        LongestRetryDelay = TimeSpan.FromSeconds(5),
    };

    private static async Task<ChatResponse> AskAsync(HostileProvider provider)
    {
        using OpenAiChatClient client = new(Options(provider));
        return await client.GetResponseAsync(s_request.ToChatMessages(), s_request.ToChatOptions());
    }

    private static async Task<LlmException> FailAsync(HostileProvider provider, Func<OpenAiChatOptions, OpenAiChatOptions>? change = null)
    {
        OpenAiChatOptions options = Options(provider);
        using OpenAiChatClient client = new(change?.Invoke(options) ?? options);
        return await Assert.ThrowsAsync<LlmException>(() => client.GetResponseAsync(s_request.ToChatMessages(), s_request.ToChatOptions()));
    }
}
