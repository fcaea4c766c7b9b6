import Hummingbird
import Logging
import VestigeCore

/// Turns a refusal into a page. It sits inside the recording middleware, which sees the status and needs no more.
struct ErrorPageMiddleware: RouterMiddleware {
    typealias Context = DirectoryContext

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            return EntrancePages.error(error.status).response(error.status)
        } catch let error as RecordingError {
            // Nothing was shown or done; the recording middleware says so to the client.
            throw error
        } catch {
            // An error of the database may have people's values in it: only its type is fit for a log.
            context.logger.error("A request could not be answered", metadata: ["error": "\(type(of: error))"])
            return EntrancePages.error(.internalServerError).response(.internalServerError)
        }
    }
}
