using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Apprentice.Llm.Tests;

public sealed class BatchFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("requests.jsonl")]
    [InlineData("requests.jsonl.gz")]
    public async Task WriteRequestsAsync_ThenRead_GivesTheSameHashes(string name)
    {
        ChatRequest[] requests = [.. Requests(5)];
        Assert.Equal(5, await BatchFile.WriteRequestsAsync(_folder[name], requests));
        ChatRequest[] read = [.. await BatchFile.ReadRequestsAsync(_folder[name], "p").ToArrayAsync()];
        Assert.Equal(requests.Select(request => (request.CustomId, request.ContentHash)), read.Select(request => (request.CustomId, request.ContentHash)));
        Assert.Equal(requests.Select(request => (request with { Provider = "p" }).Hash), read.Select(request => request.Hash));
    }

    [Fact]
    public async Task WriteRequestsAsync_Line_IsTheDocumentedForm()
    {
        ChatRequest request = new() { CustomId = "a-1", Model = "m", Messages = [PromptMessage.User("<é> \"q\"\n")], Temperature = 1f, TopP = 0.95f, MaxTokens = 10, Stop = ["END"], Seed = 3 };
        await BatchFile.WriteRequestsAsync(_folder["r.jsonl"], [request]);
        Assert.Equal(
            """{"custom_id":"a-1","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"<é> \"q\"\n"}],"temperature":1,"top_p":0.95,"max_tokens":10,"stop":["END"],"seed":3}}""" + "\n",
            File.ReadAllText(_folder["r.jsonl"]));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a", "")]
    public async Task WriteRequestsAsync_UnusableIds_AreRefusedAndLeaveNoFile(string first, string second)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => BatchFile.WriteRequestsAsync(_folder["r.jsonl"], new[] { first, second }.Select(id => Requests(1).Single() with { CustomId = id })));
        Assert.False(File.Exists(_folder["r.jsonl"]));
    }

    [Theory]
    [InlineData("{\"custom_id\":\"x\"}", "'body' is missing")]
    [InlineData("{\"custom_id\":\"x\",\"body\":{\"messages\":[]}}", "'model' is missing")]
    [InlineData("{\"custom_id\":\"x\",\"body\":{\"model\":\"m\",\"messages\":[1]}}", "'role' is missing")]
    [InlineData("{\"custom_id\"", "line 1")]
    public async Task ReadRequestsAsync_BrokenLine_NamesLineAndKey(string line, string expected)
    {
        File.WriteAllText(_folder["r.jsonl"], line);
        LlmException exception = await Assert.ThrowsAsync<LlmException>(async () => await BatchFile.ReadRequestsAsync(_folder["r.jsonl"]).ToArrayAsync());
        Assert.Contains("line 1", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MatchAsync_ShuffledDuplicatedFailedMissingCutAndForeignLines_AreAllToldApart()
    {
        ChatRequest[] requests = [.. Requests(6)];
        File.WriteAllLines(_folder["answers.jsonl"],
        [
            Answer("r4", "four"),
            """{"id":"b","custom_id":"r1","response":{"status_code":500,"body":{"error":{"message":"oops"}}},"error":null}""",
            Answer("r0", "zero"),
            Answer("r0", "zero again"),
            """{"id":"b","custom_id":"r2","response":null,"error":{"code":"batch_expired","message":"too late"}}""",
            Answer("stranger", "?"),
            "",
            """{"custom_id":"r3","response":{"status_code":200,"body":{"choices":[]}},"error":null}""",
            """not json""",
            Answer("r1", "one, at last"),
            """{"custom_id":"r5","resp""",
        ]);
        BatchResult result = await BatchFile.MatchAsync(requests, _folder["answers.jsonl"]);
        Assert.Equal(["zero", "one, at last", null, null, "four", null], result.Answers.Select(answer => answer.Answer?.Text));
        Assert.Equal(requests.Select(request => request.CustomId), result.Answers.Select(answer => answer.Request.CustomId));
        Assert.Equal(1, result.Duplicates);
        Assert.Equal([6, 9, 11], result.Unmatched.Select(line => line.Line));
        Assert.Contains("too late", result.Answers[2].Problem, StringComparison.Ordinal);
        Assert.Contains("'choices' is an empty list", result.Answers[3].Problem, StringComparison.Ordinal);
        Assert.Contains("no line for 'r5'", result.Answers[5].Problem, StringComparison.Ordinal);
        Assert.Equal(requests[4].Hash, result.Answers[4].Answer!.RequestHash);
        Assert.Equal(3, result.Missing.Count());
    }

    [Fact]
    public async Task ReplayClient_RecordedRequests_AnswersEachByItsContent()
    {
        ChatRequest[] requests = [.. Requests(4)];
        BatchAnswer[] answers = [.. requests.Select(request => new BatchAnswer(request, new ChatAnswer { RequestHash = request.Hash, Text = "to " + request.Messages[0].Text, Model = "m1", OutputTokens = 4, FinishReason = "stop" }, null))];
        await BatchFile.WriteRequestsAsync(_folder["requests.jsonl.gz"], requests);
        await BatchFile.WriteAnswersAsync(_folder["answers.jsonl.gz"], [answers[3], answers[1], new BatchAnswer(requests[2], null, "provider was down"), answers[0]]);
        using ReplayClient client = await ReplayClient.LoadAsync(_folder["requests.jsonl.gz"], _folder["answers.jsonl.gz"]);
        ChatRequest asked = requests[1] with { CustomId = "another-name", Provider = "openai" };
        ChatAnswer answer = ChatAnswer.FromChat(asked, await client.GetResponseAsync(asked.ToChatMessages(), asked.ToChatOptions()));
        Assert.Equal(("to prompt 1", "m1", 4L), (answer.Text, answer.Model, answer.OutputTokens!.Value));
        Assert.Equal(asked.Hash, answer.RequestHash);

        LlmException unanswered = await FailAsync(client, requests[2]);
        Assert.Equal(LlmProblem.NotRecorded, unanswered.Problem);
        Assert.Equal("r2", unanswered.CustomId);
        Assert.Contains("'r2'", unanswered.Message, StringComparison.Ordinal);
        Assert.Contains("provider was down", unanswered.Message, StringComparison.Ordinal);

        LlmException unknown = await FailAsync(client, requests[0] with { Temperature = 0.1f });
        Assert.Equal("r0", unknown.CustomId);
        Assert.Contains("changed since the recording", unknown.Message, StringComparison.Ordinal);

        static Task<LlmException> FailAsync(ReplayClient client, ChatRequest request) =>
            Assert.ThrowsAsync<LlmException>(() => client.GetResponseAsync(request.ToChatMessages(), request.ToChatOptions()));
    }

    [Fact]
    public async Task ReplayClient_AbsentFile_SaysWhich()
    {
        LlmException exception = await Assert.ThrowsAsync<LlmException>(() => ReplayClient.LoadAsync(_folder["absent.jsonl"], _folder["absent2.jsonl"]));
        Assert.Contains("absent.jsonl", exception.Message, StringComparison.Ordinal);
    }

    internal static IEnumerable<ChatRequest> Requests(int count) => Enumerable.Range(0, count).Select(i => new ChatRequest
    {
        CustomId = $"r{i}",
        Model = "tiny",
        Messages = [PromptMessage.User($"prompt {i}")],
        Temperature = 0.7f,
    });

    private static string Answer(string id, string text) =>
        $$$$"""{"id":"batch_req_1","custom_id":"{{{{id}}}}","response":{"status_code":200,"request_id":"q","body":{"id":"c","model":"m1","choices":[{"index":0,"message":{"role":"assistant","content":{{{{JsonSerializer.Serialize(text)}}}}},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}},"error":null}""";
}
